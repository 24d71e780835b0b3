/** How the values of one safetensors dtype are stored and read. */
export interface Dtype {
  /** Bytes per value. */
  readonly size: number;
  /** Values of exactly one tensor (little-endian, in a buffer of their own) as float32; may reuse that buffer. */
  toFloat32(bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer>;
  /** True where float32 is too short for one of the values; absent where it never is. */
  isRounded?(bytes: Uint8Array<ArrayBuffer>): boolean;
}

/** True where float32 cannot hold a number; NaN becomes NaN. */
function tooLong(value: number): boolean {
  return Math.fround(value) !== value && !Number.isNaN(value);
}

function tooLongInteger(value: bigint): boolean {
  return BigInt(Math.fround(Number(value))) !== value;
}

/** IEEE 754 binary16 is a subset of binary32: exact, payloads of NaN included. */
function halfToFloat32({ buffer }: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const halves = new Uint16Array(buffer);
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) {
    const sign = halves[i] & 0x8000;
    const exponent = (halves[i] >> 10) & 0x1f;
    const mantissa = halves[i] & 0x3ff;
    if (exponent === 0) values[i] = (sign === 0 ? 1 : -1) * mantissa * 2 ** -24;
    else bits[i] = (sign << 16) | ((exponent === 0x1f ? 0xff : exponent + 112) << 23) | (mantissa << 13);
  }
  return values;
}

/** bfloat16 is the upper half of binary32. */
function bfloatToFloat32({ buffer }: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const bits = Uint32Array.from(new Uint16Array(buffer), (upper) => upper << 16);
  return new Float32Array(bits.buffer);
}

/**
 * The dtypes that can be read, by their name in the header. F16, BF16, BOOL and the 8 and 16 bit integers become float32
 * exactly; F64 and the wider integers are rounded to the nearest float32.
 */
export const DTYPES: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ["F32", { size: 4, toFloat32: ({ buffer }) => new Float32Array(buffer) }],
  [
    "F64",
    {
      size: 8,
      toFloat32: ({ buffer }) => new Float32Array(new Float64Array(buffer)),
      isRounded: ({ buffer }) => new Float64Array(buffer).some(tooLong),
    },
  ],
  ["F16", { size: 2, toFloat32: halfToFloat32 }],
  ["BF16", { size: 2, toFloat32: bfloatToFloat32 }],
  ["BOOL", { size: 1, toFloat32: (bytes) => Float32Array.from(bytes, (byte) => (byte === 0 ? 0 : 1)) }],
  ["U8", { size: 1, toFloat32: (bytes) => new Float32Array(bytes) }],
  ["I8", { size: 1, toFloat32: ({ buffer }) => new Float32Array(new Int8Array(buffer)) }],
  ["U16", { size: 2, toFloat32: ({ buffer }) => new Float32Array(new Uint16Array(buffer)) }],
  ["I16", { size: 2, toFloat32: ({ buffer }) => new Float32Array(new Int16Array(buffer)) }],
  [
    "U32",
    {
      size: 4,
      toFloat32: ({ buffer }) => new Float32Array(new Uint32Array(buffer)),
      isRounded: ({ buffer }) => new Uint32Array(buffer).some(tooLong),
    },
  ],
  [
    "I32",
    {
      size: 4,
      toFloat32: ({ buffer }) => new Float32Array(new Int32Array(buffer)),
      isRounded: ({ buffer }) => new Int32Array(buffer).some(tooLong),
    },
  ],
  [
    "U64",
    {
      size: 8,
      toFloat32: ({ buffer }) => Float32Array.from(new BigUint64Array(buffer), Number),
      isRounded: ({ buffer }) => new BigUint64Array(buffer).some(tooLongInteger),
    },
  ],
  [
    "I64",
    {
      size: 8,
      toFloat32: ({ buffer }) => Float32Array.from(new BigInt64Array(buffer), Number),
      isRounded: ({ buffer }) => new BigInt64Array(buffer).some(tooLongInteger),
    },
  ],
]);
