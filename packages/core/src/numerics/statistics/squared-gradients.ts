import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { DenseLayer, Model } from "../../contracts/model.js";
import type { Tensors } from "../../contracts/training.js";
import { oneHot } from "../cross-entropy.js";
import { reluGradient } from "../engine/relu-gradient.js";
import { tf } from "../engine/tf.js";
import { logitMask } from "../mask-logits.js";
import type { Rng } from "../rng.js";
import { trainedNames } from "../training/classification.js";
import { readsOf } from "../training/dense-stack.js";

/** Labels whose gradients are squared; see `fisherDiagonal`. */
export type LabelChoice = "all" | "sampled" | "empirical" | "weighted";

/** Images of which squared gradients are wanted. */
export interface ImagesAt {
  readonly model: Model;
  readonly weights: Tensors;
  /** `[images, …inputShape]` */
  readonly images: Tensor;
  /** `[images]` int32 */
  readonly labels: Tensor;
  /** From which labels are drawn. */
  readonly rng: Rng;
}

/** A label for each image, and how much its squared gradient counts. */
interface Labeling {
  /** One-hot, `[images, classes]`. */
  readonly target: Tensor2D;
  /** `[images, 1]` */
  readonly weight: Tensor2D;
}

/** The labels of these images, one set after another; `logits [images, classes]` are the network's answers. */
function labelings(choice: LabelChoice, logits: Tensor2D, { labels, rng }: ImagesAt): readonly Labeling[] {
  const [images, classes] = logits.shape;
  const every = tf.ones([images, 1]) as Tensor2D;
  const probabilities = tf.softmax(logits);
  switch (choice) {
    case "all":
      return Array.from({ length: classes }, (_, c) => ({
        target: oneHot(tf.fill([images], c, "int32"), classes),
        weight: tf.slice(probabilities, [0, c], [images, 1]),
      }));
    case "sampled": {
      // log p + Gumbel noise is greatest at c with probability p(c).
      const uniform = tf.tensor2d(rng.uniforms(images * classes), [images, classes]);
      const noise = tf.neg(tf.log(tf.neg(tf.log(uniform))));
      const drawn = tf.argMax(tf.add(tf.logSoftmax(logits), noise), 1);
      return [{ target: oneHot(drawn, classes), weight: every }];
    }
    case "empirical":
      return [{ target: oneHot(labels, classes), weight: every }];
    case "weighted": {
      const target = oneHot(labels, classes);
      return [{ target, weight: tf.sum(tf.mul(target, probabilities), 1, true) }];
    }
  }
}

const logitsOf = ({ model, weights, images }: ImagesAt): Tensor2D =>
  model.apply(weights, images, { training: false }) as Tensor2D;

const summed = (sum: Tensor | undefined, term: Tensor): Tensor =>
  sum === undefined ? term : tf.add(sum, term);

/**
 * Σ over images and their labels of weight · g², with g the gradient of log p(label | image): of a stack of dense layers, all
 * images at once. With H what a layer reads and D the gradients by its pre-activations, a row for each image, the gradient of an
 * image by a kernel is an outer product of rows, so that the squares add up to a product of squares:
 *
 *     Σ g_K² = (H²)ᵀ (w ⊙ D²)     Σ g_b² = Σ w ⊙ D² over the images     D below = D Kᵀ ⊙ [H > 0]
 *
 * Call it inside `tidy`.
 */
export function squaresOfStack(stack: readonly DenseLayer[], choice: LabelChoice, at: ImagesAt): Tensors {
  const read = readsOf(stack, at.weights, at.images);
  const squaredReads = read.slice(0, -1).map((each) => tf.square(each));
  // Answers may be masked, which the stack knows nothing of.
  const logits = tf.add(read.at(-1) as Tensor2D, tf.tensor1d([...logitMask(at.model)])) as Tensor2D;
  const squares = new Map<string, Tensor>();
  for (const { target, weight } of labelings(choice, logits, at)) {
    let delta = tf.sub(target, tf.softmax(logits)) as Tensor2D;
    for (let l = stack.length - 1; l >= 0; l--) {
      const { bias, kernel: name } = stack[l] as DenseLayer;
      const square = tf.mul(tf.square(delta), weight) as Tensor2D;
      squares.set(
        name,
        summed(squares.get(name), tf.matMul(squaredReads[l] as Tensor2D, square, true, false)),
      );
      if (bias !== undefined) squares.set(bias, summed(squares.get(bias), tf.sum(square, 0)));
      if (l === 0) break;
      delta = tf.matMul(delta, at.weights.get(name) as Tensor2D, false, true);
      if (stack[l - 1]?.activation === "relu") delta = reluGradient(delta, read[l] as Tensor2D);
    }
  }
  return squares;
}

/**
 * Σ over labels of weight · g², with g the mean over the images of the gradient of log p(label | image), by automatic
 * differentiation. Of one image these are the squared gradients of {@link squaresOfStack}. Call it inside `tidy`.
 */
export function squaresOfMean(choice: LabelChoice, at: ImagesAt): Tensors {
  const names = trainedNames(at.model);
  const values = names.map((name) => at.weights.get(name) as Tensor);
  const squares = new Map<string, Tensor>();
  for (const { target, weight } of labelings(choice, logitsOf(at), at)) {
    const gradients = tf.grads((...own: Tensor[]) => {
      const weights = new Map([...at.weights, ...names.map((name, i) => [name, own[i] as Tensor] as const)]);
      return tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logitsOf({ ...at, weights }))), 1));
    })(values);
    names.forEach((name, i) => {
      const square = tf.mul(tf.square(gradients[i] as Tensor), tf.mean(weight));
      squares.set(name, summed(squares.get(name), square));
    });
  }
  return squares;
}
