import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { DenseLayer } from "../../contracts/model.js";
import type { LossAndGradients, TensorBatch, Tensors } from "../../contracts/training.js";
import { hasFastKernel, runFastKernel } from "../engine/fast-kernels.js";
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

/** Loss, then gradients layer by layer: what the kernel `DenseStackGradients` does, by ordinary kernels. */
function byOrdinaryKernels(stack: readonly DenseLayer[], inputs: Readonly<Record<string, Tensor>>): Tensor[] {
  const kernel = (l: number) => inputs[`kernel${l}`] as Tensor2D;
  const bias = (l: number) => inputs[`bias${l}`];
  const read: Tensor2D[] = [inputs.images as Tensor2D]; // what each layer reads
  stack.forEach(({ activation }, l) => {
    const product = tf.matMul(read[l] as Tensor2D, kernel(l));
    const shift = bias(l);
    const pre = shift === undefined ? product : tf.add(product, shift);
    read.push((activation === "relu" ? tf.relu(pre) : pre) as Tensor2D);
  });
  const logits = read.at(-1) as Tensor2D;
  const [batch, classes] = logits.shape;
  const target = tf.cast(tf.oneHot(inputs.labels as Tensor, classes), "float32");
  const logProbabilities = tf.logSoftmax(logits);
  const loss = tf.mul(tf.sum(tf.mul(target, logProbabilities)), -1 / batch);

  const gradients: Tensor[] = [];
  let delta = tf.mul(tf.sub(tf.exp(logProbabilities), target), 1 / batch) as Tensor2D;
  for (let l = stack.length - 1; l >= 0; l--) {
    if (stack[l]?.activation === "relu") delta = tf.mul(delta, tf.step(read[l + 1] as Tensor2D));
    if (bias(l) !== undefined) gradients.unshift(tf.sum(delta, 0));
    gradients.unshift(tf.matMul(read[l] as Tensor2D, delta, true, false));
    if (l > 0) delta = tf.matMul(delta, kernel(l), false, true);
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
  const inputs = stackInputs(stack, params, batch);
  const [loss, ...gradients] = hasFastKernel("DenseStackGradients")
    ? runFastKernel("DenseStackGradients", inputs, { activations: stack.map(({ activation }) => activation) })
    : byOrdinaryKernels(stack, inputs);
  return { loss: loss as Scalar, gradients: named(stack, gradients) };
}
