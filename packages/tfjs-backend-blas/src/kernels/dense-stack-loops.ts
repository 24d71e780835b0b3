/** The numbers' bits, sign first; comparing and masking them has no branches to mispredict, which is several times faster. */
const bitsOf = (values: Float32Array): Int32Array =>
  new Int32Array(values.buffer, values.byteOffset, values.length);

const INFINITY_BITS = 0x7f800000;

/** x ← max(x, 0), in place; NaN stays NaN. */
export function relu(values: Float32Array): void {
  const bits = bitsOf(values);
  for (let i = 0; i < bits.length; i++) {
    const value = bits[i]!;
    const isNumber = ((value & 0x7fffffff) - INFINITY_BITS - 1) >> 31; // all ones, or 0 for NaN
    bits[i] = value & ~((value >> 31) & isNumber);
  }
}

/** gradient ← gradient where the output of {@link relu} was above 0, and 0 where it was 0, in place; after a NaN it may be either. */
export function keepWherePositive(gradient: Float32Array, output: Float32Array): void {
  const bits = bitsOf(gradient);
  const sign = bitsOf(output); // never negative but for NaN
  for (let i = 0; i < bits.length; i++) bits[i] = bits[i]! & ~((sign[i]! - 1) >> 31);
}

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
