import { addN, arithmeticKernels } from "./arithmetic.js";
import { batchNorm } from "./batch-norm.js";
import { cast } from "./cast.js";
import { comparisonKernels } from "./comparison.js";
import { convolutionKernels } from "./conv/kernels.js";
import { fusedMatMul } from "./fused-matmul.js";
import type { BlasKernel } from "./kernel.js";
import { batchMatMul } from "./matmul.js";
import { movementKernels } from "./movement.js";
import { poolKernels } from "./pool.js";
import { reductionKernels } from "./reduction.js";
import { softmax } from "./softmax.js";
import { unaryKernels } from "./unary.js";

/** Every kernel that this backend does itself; all others are the `cpu` backend's. */
export const blasKernels: readonly BlasKernel[] = [
  batchMatMul,
  fusedMatMul,
  ...convolutionKernels,
  ...poolKernels,
  batchNorm,
  ...arithmeticKernels,
  ...comparisonKernels,
  ...unaryKernels,
  ...reductionKernels,
  softmax,
  ...movementKernels,
  cast,
  addN,
];
