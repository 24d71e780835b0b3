import { type ApplyContext, type Rng, sizeOf, tf } from "@isthmus/core";

/** While training, sets a share `rate` of the values to 0 and divides those it keeps by 1 - rate; `label` names the layer's own stream. */
export function drop(
  x: tf.Tensor,
  rate: number,
  label: string,
  { training, rng }: Pick<ApplyContext, "training" | "rng">,
): tf.Tensor {
  if (!training || rate === 0) return x;
  const uniforms = (rng as Rng).fork(label).uniforms(sizeOf(x.shape));
  const mask = uniforms.map((value) => (value < rate ? 0 : 1 / (1 - rate)));
  return tf.mul(x, tf.tensor(mask, x.shape));
}
