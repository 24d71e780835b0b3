import type { NamedAttrMap, Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "./tf.js";

/**
 * Kernels beyond those of TensorFlow.js that a backend may register to train faster. None is needed: where a backend has none,
 * the same numbers come from its ordinary kernels.
 *
 * - `DenseStackGradients`: loss and gradients of a stack of dense layers. Inputs `images [batch, inputs]`, `labels [batch]` int32,
 *   `kernel<l> [inputs, units]` and, where there are any, `bias<l> [units]`; attribute `activations`, one per layer, `relu` or
 *   `linear`. Outputs: mean cross-entropy `[]`, then the gradients, layer by layer, kernel before bias.
 * - `DenseStackMomentum`: the whole step, in place: v ← μ v + g + λ θ, θ ← θ - η v for every kernel and bias. Inputs those of
 *   `DenseStackGradients` and `kernelVelocity<l>`, `biasVelocity<l>`; attributes `activations` and those of `MomentumUpdate`.
 *   Output: the mean cross-entropy before the update.
 * - `DenseStackCurveMomentum`: the same for points θₖ of a curve, by the loss at θ = Σ cₖ θₖ: vₖ ← μ vₖ + cₖ (g + ρ θ) + λ θₖ,
 *   θₖ ← θₖ - η vₖ for every point that has velocities. Inputs of point k are named `<k>/kernel<l>`, `<k>/kernelVelocity<l>` and so
 *   on; further attributes `coefficients` c and `penalty` ρ.
 * - `MomentumUpdate`: v ← μ v + g + λ θ, θ ← θ - η v, in place. Inputs `value`, `velocity`, `gradient`, of one shape; attributes
 *   `momentum` μ, `weightDecay` λ, `learningRate` η. No outputs.
 * - `ChannelMoments`: mean and biased variance per channel, the last axis. Input `x […, channels]`. Outputs `[channels]` each.
 * - `BatchNormalizationGradients`: gradients by `x […, channels]`, `scale` and bias of a batch normalized by its own `mean` and
 *   `variance [channels]`, from that by the result, `dy`; attribute `epsilon`.
 * - `ReluGradient`: the gradient of ReLU by its result. Inputs `dy` and `y`, of one shape. Output: `dy` where `y` is positive, else 0.
 * - `LinearCombination`: Σ cᵢ xᵢ. Inputs `x0`, `x1`, …, of one shape, at least one; attribute `coefficients`.
 */
export type FastKernel =
  | "DenseStackGradients"
  | "DenseStackMomentum"
  | "DenseStackCurveMomentum"
  | "MomentumUpdate"
  | "ChannelMoments"
  | "BatchNormalizationGradients"
  | "ReluGradient"
  | "LinearCombination";

/** Whether the active backend has the kernel. */
export function hasFastKernel(name: FastKernel): boolean {
  return (tf.getKernel(name, tf.getBackend()) ?? undefined) !== undefined;
}

/** Runs a fast kernel of the active backend; its outputs belong to the `tidy` around. */
export function runFastKernel(
  name: FastKernel,
  inputs: Readonly<Record<string, Tensor>>,
  attrs: NamedAttrMap,
): Tensor[] {
  const outputs: Tensor | Tensor[] = tf.engine().runKernel(name, { ...inputs }, attrs);
  return Array.isArray(outputs) ? outputs : [outputs];
}

/** Runs `MomentumUpdate`, which changes two of its inputs and has no outputs. */
export function runMomentumUpdate(
  inputs: { readonly value: TensorInfo; readonly velocity: TensorInfo; readonly gradient: TensorInfo },
  attrs: { readonly momentum: number; readonly weightDecay: number; readonly learningRate: number },
): void {
  const { kernelFunc } = tf.getKernel("MomentumUpdate", tf.getBackend());
  kernelFunc({ inputs, attrs, backend: tf.backend() });
}

/** Whether no other tensor shares the values of these, so that they may be changed in place. */
export function soleOwners(...tensors: readonly Tensor[]): boolean {
  return tensors.every(({ dataId }) => tf.backend().refCount(dataId) === 1);
}
