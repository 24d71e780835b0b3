import { type Zippable, zipSync } from "fflate";
import type { ArrayValue } from "../contracts/params.js";
import { sizeOf } from "../numerics/params.js";

/** Bytes before the header's text: magic, version 1.0, length of the header. */
const PREAMBLE = 10;

/** The earliest time that a zip file can tell: arrays have none. */
const NO_TIME = new Date(1980, 0, 1);

/** One array in NumPy's format `.npy`, version 1.0: float32, little-endian, row-major, its values from a multiple of 64 bytes on. */
function writeNpy(name: string, { shape, data }: ArrayValue): Uint8Array {
  if (sizeOf(shape) !== data.length) {
    throw new RangeError(
      `The array "${name}" of shape [${shape.join(", ")}] cannot have ${data.length} values.`,
    );
  }
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dimensions}), }`;
  const start = Math.ceil((PREAMBLE + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(start + data.byteLength);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0]);
  new DataView(bytes.buffer).setUint16(8, start - PREAMBLE, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(start - PREAMBLE - 1)}\n`), PREAMBLE);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}

/**
 * Arrays as one `.npz` file, as `numpy.load` reads it: a zip of one `.npy` each, in float32. The same arrays give the same bytes.
 * Assumes a little-endian machine.
 *
 * @throws RangeError if a shape does not fit its values
 * @example
 * const bytes = writeNpz({ t: { shape: [3], data: Float32Array.of(0, 0.5, 1) } }); // numpy.load("file.npz")["t"]
 */
export function writeNpz(arrays: Readonly<Record<string, ArrayValue>>): Uint8Array {
  const files: Zippable = {};
  for (const [name, array] of Object.entries(arrays)) files[`${name}.npy`] = writeNpy(name, array);
  return zipSync(files, { mtime: NO_TIME });
}
