import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { DenseLayer } from "../../contracts/model.js";
import type { LossAndGradients, TensorBatch, Tensors } from "../../contracts/training.js";
import { lossAndSlope } from "../cross-entropy.js";
import { hasFastKernel, runFastKernel } from "../engine/fast-kernels.js";
import { reluGradient } from "../engine/relu-gradient.js";
import { tf } from "../engine/tf.js";

/** Gradients by the names of the parameters, layer by layer, kernel before bias. */
function named(stack: readonly DenseLayer[], gradients: readonly Tensor[]): Tensors {
  const names = stack.flatMap(({ kernel, bias }) => (bias === undefined ? [kernel] : [kernel, bias]));
  return new Map(names.map((name, i) => [name, gradients[i] as Tensor]));
}

/** A stack's parameters under the names of the kernels' inputs. */
export function stackParameters(
  stack: readonly DenseLayer[],
  value: (parameter: string) => Tensor,
): Record<string, Tensor> {
  const inputs: Record<string, Tensor> = {};
  stack.forEach(({ kernel, bias }, l) => {
    inputs[`kernel${l}`] = value(kernel);
    if (bias !== undefined) inputs[`bias${l}`] = value(bias);
  });
  return inputs;
}

/** A batch as the kernels `DenseStack…` of fast-kernels.ts take it; images are flattened. */
export function batchInputs({ images, labels }: Pick<TensorBatch, "images" | "labels">) {
  return { images: flatten(images), labels };
}

/** Inputs of the kernels `DenseStack…` for one network. */
export function stackInputs(
  stack: readonly DenseLayer[],
  params: Tensors,
  batch: Pick<TensorBatch, "images" | "labels">,
): Record<string, Tensor> {
  return { ...batchInputs(batch), ...stackParameters(stack, (name) => params.get(name) as Tensor) };
}

const flatten = (images: Tensor): Tensor2D => tf.reshape(images, [images.shape[0] as number, -1]);

/** What each layer of a stack reads of `images [batch, inputs]`, and last what the stack gives. Call it inside `tidy`. */
export function readsOf(stack: readonly DenseLayer[], params: Tensors, images: Tensor): readonly Tensor2D[] {
  const reads = [flatten(images)];
  stack.forEach(({ kernel, bias, activation }, l) => {
    const product = tf.matMul(reads[l] as Tensor2D, params.get(kernel) as Tensor2D);
    const pre = bias === undefined ? product : tf.add(product, params.get(bias) as Tensor);
    reads.push((activation === "relu" ? tf.relu(pre) : pre) as Tensor2D);
  });
  return reads;
}

/** Loss, then gradients layer by layer: what the kernel `DenseStackGradients` does, by ordinary kernels. */
function byOrdinaryKernels(
  stack: readonly DenseLayer[],
  params: Tensors,
  { images, labels }: Pick<TensorBatch, "images" | "labels">,
): Tensor[] {
  const read = readsOf(stack, params, images);
  const logits = read.at(-1) as Tensor2D;
  const [loss, slope] = lossAndSlope(tf.logSoftmax(logits), labels);

  const gradients: Tensor[] = [];
  let delta = slope;
  for (let l = stack.length - 1; l >= 0; l--) {
    const { kernel, bias, activation } = stack[l] as DenseLayer;
    if (activation === "relu") delta = reluGradient(delta, read[l + 1] as Tensor2D);
    if (bias !== undefined) gradients.unshift(tf.sum(delta, 0));
    gradients.unshift(tf.matMul(read[l] as Tensor2D, delta, true, false));
    if (l > 0) delta = tf.matMul(delta, params.get(kernel) as Tensor2D, false, true);
  }
  return [loss, ...gradients];
}

/**
 * Mean cross-entropy of a batch and its gradients for a stack of dense layers, by the chain rule written out; with D the
 * gradient by a layer's pre-activations, H what it reads and K its kernel:
 *
 *     D = (softmax(logits) - target) / batch     ∇K = Hᵀ D     ∇b = Σ D over the batch     D below = D Kᵀ ⊙ [H > 0]
 *
 * Equal to automatic differentiation up to rounding. Call it inside `tidy`.
 *
 * @param params `[inputs, units]` kernels and `[units]` biases under the stack's names
 */
export function denseStackGradients(
  stack: readonly DenseLayer[],
  params: Tensors,
  batch: Pick<TensorBatch, "images" | "labels">,
): LossAndGradients {
  const [loss, ...gradients] = hasFastKernel("DenseStackGradients")
    ? runFastKernel("DenseStackGradients", stackInputs(stack, params, batch), {
        activations: stack.map(({ activation }) => activation),
      })
    : byOrdinaryKernels(stack, params, batch);
  return { loss: loss as Scalar, gradients: named(stack, gradients) };
}
