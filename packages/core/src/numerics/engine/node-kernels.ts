import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { nodeDenseStackGradients } from "./node-dense-stack.js";
import { nodeMomentumUpdate } from "./node-momentum.js";
import { registerReluGradient } from "./relu-gradient.js";
import { attributes, type TensorflowBackend } from "./tensorflow-operations.js";
import { tf } from "./tf.js";

const nodeReluGradient: KernelFunc = ({ inputs, backend }) => {
  const engine = backend as TensorflowBackend;
  const { dy, y } = inputs as Record<"dy" | "y", TensorInfo>;
  return engine.executeSingleOutput("ReluGrad", [attributes(engine.binding).float("T")], [dy, y]);
};

/** Registers fast kernels for tfjs-node's backend; once is enough. */
export function registerNodeKernels(): void {
  const kernels = {
    DenseStackGradients: nodeDenseStackGradients,
    MomentumUpdate: nodeMomentumUpdate,
    ReluGradient: nodeReluGradient,
  };
  for (const [kernelName, kernelFunc] of Object.entries(kernels)) {
    if ((tf.getKernel(kernelName, "tensorflow") ?? undefined) === undefined)
      tf.registerKernel({ kernelName, backendName: "tensorflow", kernelFunc });
  }
  registerReluGradient();
}
