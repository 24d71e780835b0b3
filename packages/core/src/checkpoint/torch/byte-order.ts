/** A copy with the bytes of each value of `size` bytes turned round. */
export function swapBytes(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes);
  for (let begin = 0; begin < result.length; begin += size) result.subarray(begin, begin + size).reverse();
  return result;
}
