import {
  disposeTensors,
  engine,
  type LabeledData,
  type Model,
  type Params,
  tf,
  toTensors,
} from "@isthmus/core";

const BATCH = 500;

/** What a network makes of images before its last layer, scaled to length 1: a row of `width` numbers for each image. */
export interface Features {
  readonly width: number;
  readonly values: Float32Array;
}

/**
 * Activations of the last hidden units `[batch, width]`, averaged over places and times, each image's scaled to length 1; the logits
 * where there are no hidden units. Call it inside `tidy`.
 */
export function features(
  model: Pick<Model, "apply" | "symmetry">,
  weights: ReadonlyMap<string, tf.Tensor>,
  images: tf.Tensor,
): tf.Tensor2D {
  const last = model.symmetry.at(-1)?.name;
  let seen: tf.Tensor | undefined;
  const activation = (group: string, stage: string, value: tf.Tensor) => {
    if (group === last && stage === "post") seen = value;
  };
  const logits = model.apply(weights, images, { training: false, tap: { activation } });
  const value = seen ?? logits;
  const places = value.shape.map((_, axis) => axis).slice(1, -1);
  const pooled = places.length === 0 ? value : tf.mean(value, places);
  return tf.div(pooled, tf.maximum(tf.norm(pooled, 2, 1, true), 1e-12));
}

/** {@link features} of all images of a view. */
export async function featuresOf(model: Model, params: Params, data: LabeledData): Promise<Features> {
  await engine();
  const rows: Float32Array[] = [];
  const weights = toTensors(params);
  try {
    for (let from = 0; from < data.count; from += BATCH) {
      const indices = Array.from({ length: Math.min(BATCH, data.count - from) }, (_, i) => from + i);
      const { images } = data.batch(indices);
      const found = tf.tidy(() =>
        features(model, weights, tf.tensor(images, [indices.length, ...data.inputShape])),
      );
      rows.push(Float32Array.from((await found.data()) as Float32Array));
      found.dispose();
    }
  } finally {
    disposeTensors(weights);
  }
  const values = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    values.set(row, at);
    at += row.length;
  }
  return { width: values.length / data.count, values };
}
