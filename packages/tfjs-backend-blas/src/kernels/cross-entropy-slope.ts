/**
 * Mean cross-entropy in nats of `logits [batch, classes]` against `labels [batch]`, and its gradient by the logits,
 * (softmax - target) / batch, which is written to `slope [batch, classes]`.
 */
export function crossEntropySlope(
  logits: Float32Array,
  labels: Int32Array,
  batch: number,
  classes: number,
  slope: Float32Array,
): number {
  let total = 0;
  for (let row = 0; row < batch; row++) {
    const start = row * classes;
    const label = labels[row]!;
    if (!(label >= 0 && label < classes)) throw new Error(`Label ${label} is none of ${classes} classes.`);
    let max = Number.NEGATIVE_INFINITY;
    for (let c = start; c < start + classes; c++) max = Math.max(max, logits[c]!);
    let sum = 0;
    for (let c = start; c < start + classes; c++) sum += slope[c] = Math.exp(logits[c]! - max);
    total += Math.log(sum) + max - logits[start + label]!;
    const scale = 1 / (sum * batch);
    for (let c = start; c < start + classes; c++) slope[c]! *= scale;
    slope[start + label]! -= 1 / batch;
  }
  return total / batch;
}
