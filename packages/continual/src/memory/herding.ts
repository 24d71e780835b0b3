import { engine, type LabeledData, type Model, type Params, tf } from "@isthmus/core";

const BATCH = 500;

/** What a network makes of images before its last layer, scaled to length 1: a row of `width` numbers for each image. */
export interface Features {
  readonly width: number;
  readonly values: Float32Array;
}

/** Activations of the last hidden units, averaged over places and times, each image's scaled to length 1; the logits where there are no hidden units. */
export async function featuresOf(model: Model, params: Params, data: LabeledData): Promise<Features> {
  await engine();
  const last = model.symmetry.at(-1)?.name;
  const rows: Float32Array[] = [];
  const weights = new Map(
    [...params].map(([name, { shape, data: values }]) => [name, tf.tensor(values, [...shape])]),
  );
  try {
    for (let from = 0; from < data.count; from += BATCH) {
      const indices = Array.from({ length: Math.min(BATCH, data.count - from) }, (_, i) => from + i);
      const { images } = data.batch(indices);
      const features = tf.tidy(() => {
        let seen: tf.Tensor | undefined;
        const activation = (group: string, stage: string, value: tf.Tensor) => {
          if (group === last && stage === "post") seen = value;
        };
        const input = tf.tensor(images, [indices.length, ...data.inputShape]);
        const logits = model.apply(weights, input, { training: false, tap: { activation } });
        const value = seen ?? logits;
        const places = value.shape.map((_, axis) => axis).slice(1, -1);
        const pooled = places.length === 0 ? value : tf.mean(value, places);
        return tf.div(pooled, tf.maximum(tf.norm(pooled, 2, 1, true), 1e-12));
      });
      rows.push(Float32Array.from((await features.data()) as Float32Array));
      features.dispose();
    }
  } finally {
    for (const tensor of weights.values()) tensor.dispose();
  }
  const values = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    values.set(row, at);
    at += row.length;
  }
  return { width: values.length / data.count, values };
}

/**
 * An order of `rows` such that the mean of the first n features is as near as can be, greedily, to the mean of all (iCaRL,
 * Rebuffi et al. 2017, arXiv 1611.07725, algorithm 4). The first `count` of it; a truncated order stays one.
 */
export function herd({ width, values }: Features, rows: readonly number[], count: number): number[] {
  const feature = (row: number) => values.subarray(row * width, (row + 1) * width);
  const mean = new Float64Array(width);
  for (const row of rows) for (let d = 0; d < width; d++) mean[d] += feature(row)[d] / rows.length;
  const sum = new Float64Array(width);
  const left = new Set(rows);
  const order: number[] = [];
  while (order.length < Math.min(count, rows.length)) {
    const n = order.length + 1;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const row of left) {
      const own = feature(row);
      let distance = 0;
      for (let d = 0; d < width; d++) distance += (mean[d] - (sum[d] + own[d]) / n) ** 2;
      if (distance < least) [best, least] = [row, distance];
    }
    for (let d = 0; d < width; d++) sum[d] += feature(best)[d];
    left.delete(best);
    order.push(best);
  }
  return order;
}
