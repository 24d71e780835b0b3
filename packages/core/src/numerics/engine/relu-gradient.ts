import type { Tensor } from "@tensorflow/tfjs-core";
import { hasFastKernel, runFastKernel } from "./fast-kernels.js";
import { tf } from "./tf.js";

/** The gradient of ReLU: `dy` where its result `y` is positive, else 0. */
export function reluGradient<Rank extends Tensor>(dy: Rank, y: Tensor): Rank {
  if (hasFastKernel("ReluGradient")) return runFastKernel("ReluGradient", { dy, y }, {})[0] as Rank;
  return tf.mul(dy, tf.step(y));
}

/**
 * Makes automatic differentiation take {@link reluGradient}, for a backend that has the kernel: TensorFlow.js itself makes 0 and 1
 * of every number first and multiplies by them. It also keeps what ReLU gives, which the next layer reads anyway, instead of what
 * it was given.
 */
export function registerReluGradient(): void {
  tf.registerGradient({
    kernelName: "Relu",
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => reluGradient(dy as Tensor, y as Tensor) }),
  });
  tf.registerGradient({
    kernelName: "ReluGradient",
    inputsToSave: ["y"],
    gradFunc: (ddy, [y]) => ({
      dy: () => reluGradient(ddy as Tensor, y as Tensor),
      y: () => tf.zerosLike(y as Tensor),
    }),
  });
}
