import { nodeDenseStackGradients } from "./node-dense-stack.js";
import { nodeMomentumUpdate } from "./node-momentum.js";
import { tf } from "./tf.js";

/** Registers fast kernels for tfjs-node's backend; once is enough. */
export function registerNodeKernels(): void {
  const kernels = { DenseStackGradients: nodeDenseStackGradients, MomentumUpdate: nodeMomentumUpdate };
  for (const [kernelName, kernelFunc] of Object.entries(kernels)) {
    if ((tf.getKernel(kernelName, "tensorflow") ?? undefined) === undefined)
      tf.registerKernel({ kernelName, backendName: "tensorflow", kernelFunc });
  }
}
