import { asText, IsthmusError, isIsthmusError, type PickleGlobal, unpickle } from "@isthmus/core";
import { BATCH, PIXELS, RECORD } from "./records.js";

/** An array of numpy, as far as a file of CIFAR-10 has one: bytes in C order. */
interface ByteArray {
  shape: readonly unknown[];
  data: Uint8Array;
}

/** `numpy.dtype(code, align, copy)`: the code alone. */
const dtype: PickleGlobal = { build: ([code]) => ({ code: asText(code) }) };

/** Fills an array from what numpy keeps of one; other arrays than bytes in C order are not expected. */
function fill(array: ByteArray, shape: unknown, type: unknown, data: unknown): ByteArray {
  const { code } = type as { readonly code?: unknown };
  if (code !== "u1" || !Array.isArray(shape) || !(data instanceof Uint8Array))
    throw new TypeError("an array of bytes is expected");
  return Object.assign(array, { shape, data });
}

/** `_reconstruct(numpy.ndarray, (0,), b"b")`, whose state is (version, shape, type, in Fortran's order, bytes). */
const reconstruct: PickleGlobal = {
  build: () => ({ shape: [], data: new Uint8Array(0) }),
  setState: (array, state) => {
    if (!Array.isArray(state) || state[3] !== false) throw new TypeError("an array in C order is expected");
    fill(array as ByteArray, state[1], state[2], state[4]);
  },
};

/** `_frombuffer(bytes, type, shape, order)`, as numpy writes arrays by protocol 5. */
const fromBuffer: PickleGlobal = {
  build: ([data, type, shape, order]) => {
    if (asText(order) !== "C") throw new TypeError("an array in C order is expected");
    return fill({ shape: [], data: new Uint8Array(0) }, shape, type, data);
  },
};

/** The names a file of CIFAR-10 may use: those that make an array of bytes. Newer numpy writes `_core` for `core`. */
const GLOBALS: ReadonlyMap<string, PickleGlobal> = new Map<string, PickleGlobal>([
  ["numpy.ndarray", {}],
  ["numpy.dtype", dtype],
  ...["numpy.core", "numpy._core"].flatMap((core): [string, PickleGlobal][] => [
    [`${core}.multiarray._reconstruct`, reconstruct],
    [`${core}.numeric._frombuffer`, fromBuffer],
  ]),
]);

/** Whether bytes are a pickle (of protocol 2 or later), which no file of the binary version begins like. */
export const isPickle = (bytes: Uint8Array): boolean => bytes[0] === 0x80;

/**
 * A file of CIFAR-10's Python version, a dictionary with `data` [10000, 3072] and `labels`, as the records of the binary version. Nothing but
 * plain values and arrays of bytes is made of what the file says.
 *
 * @throws `data/malformed`, naming `source`; `checkpoint/forbidden-pickle` where the file wants to run something
 */
export function unpickleRecords(bytes: Uint8Array, source: string): Uint8Array {
  const malformed = (what: string, cause?: unknown) =>
    new IsthmusError({
      code: "data/malformed",
      message: `${source} is not a file of CIFAR-10's Python version: ${what}.`,
      hint: "Delete the file and get it again.",
      cause,
    });
  let batch: unknown;
  try {
    batch = unpickle(bytes, source, { globals: GLOBALS }).value;
  } catch (cause) {
    if (!isIsthmusError(cause) || cause.code !== "checkpoint/malformed") throw cause;
    throw malformed(`it is cut off or damaged (${cause.message.replace(/\.$/, "")})`, cause);
  }
  if (!(batch instanceof Map)) throw malformed("it is no dictionary");
  const { shape, data } = (batch.get("data") ?? {}) as Partial<ByteArray>;
  if (shape?.join() !== `${BATCH},${PIXELS}` || data?.length !== BATCH * PIXELS)
    throw malformed(`"data" is no array of ${BATCH} × ${PIXELS} bytes`);
  const labels: unknown = batch.get("labels");
  const isLabel = (label: unknown) => typeof label === "number" && label >= 0 && label <= 0xff;
  if (!Array.isArray(labels) || labels.length !== BATCH || !labels.every(isLabel))
    throw malformed(`"labels" is no list of ${BATCH} classes`);
  const records = new Uint8Array(BATCH * RECORD);
  labels.forEach((label: number, i) => {
    records[i * RECORD] = label;
    records.set(data.subarray(i * PIXELS, (i + 1) * PIXELS), i * RECORD + 1);
  });
  return records;
}
