import {
  type Augmentation,
  classification,
  concatenate,
  type LabeledData,
  type LearnerContext,
  type Model,
  type Rng,
  type Task,
  type Tensors,
  tf,
} from "@isthmus/core";

/** Images of earlier tasks, and the network as it answers on them. */
export interface RememberedImages {
  readonly data: LabeledData;
  readonly model: Model;
}

/** What the memory keeps of each earlier task, where it keeps anything. */
export function rememberedTasks({ seen, memory, modelOf }: LearnerContext): readonly RememberedImages[] {
  const parts = memory.indices.map((indices, k) => {
    const task = seen[k] as Task;
    return { data: task.train.subset(indices), model: modelOf(task) };
  });
  return parts.filter(({ data }) => data.count > 0);
}

/** The same images, those on which the network answers in one way together. */
export function together(parts: readonly RememberedImages[]): readonly RememberedImages[] {
  const models = [...new Set(parts.map(({ model }) => model))];
  return models.map((model) => {
    const own = parts.filter((part) => part.model === model);
    return { model, data: concatenate(own.map(({ data }) => data)) };
  });
}

/** Gradients as one row of numbers, in the order of `names`. */
export function flatten(gradients: Tensors, names: Iterable<string>): tf.Tensor1D {
  const rows = [...names].map((name) => tf.reshape(gradients.get(name) as tf.Tensor, [-1]));
  return tf.concat(rows) as tf.Tensor1D;
}

/** The inverse of {@link flatten}: gradients with the names and shapes of `like`. */
export function unflatten(flat: tf.Tensor1D, like: Tensors): Tensors {
  const sizes = [...like.values()].map(({ size }) => size);
  const parts = tf.split(flat, sizes);
  return new Map([...like].map(([name, { shape }], i) => [name, tf.reshape(parts[i] as tf.Tensor, shape)]));
}

/**
 * Gradient of the mean cross-entropy of remembered images, as one row of numbers in the order of `names`. Call it inside `tidy`.
 *
 * @param indices images of `data`; all by default
 */
export function memoryGradient(
  { data, model }: RememberedImages,
  names: Iterable<string>,
  at: { readonly weights: Tensors; readonly augmentation: Augmentation; readonly rng: Rng },
  indices: ArrayLike<number> = Uint32Array.from({ length: data.count }, (_, i) => i),
): tf.Tensor1D {
  const { weights, augmentation, rng } = at;
  const { images, labels } = data.batch(indices, { augmentation, rng: rng.fork("augmentation") });
  const batch = {
    images: tf.tensor(images, [labels.length, ...data.inputShape]),
    labels: tf.tensor1d(labels, "int32"),
    index: 0,
    indices: Uint32Array.from(indices),
  };
  const { lossAndGradients } = classification(model, new Map());
  return flatten(lossAndGradients(weights, batch, rng).gradients, names);
}
