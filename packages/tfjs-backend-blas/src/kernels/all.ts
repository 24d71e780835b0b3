import { fusedMatMul } from "./fused-matmul.js";
import type { BlasKernel } from "./kernel.js";
import { batchMatMul } from "./matmul.js";

/** Every kernel that this backend does itself; all others are the `cpu` backend's. */
export const blasKernels: readonly BlasKernel[] = [batchMatMul, fusedMatMul];
