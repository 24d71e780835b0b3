import { IsthmusError } from "@isthmus/core";

const UNSIGNED_BYTE = 0x08;

/** In words what an IDX file of these sizes holds. */
function contents(sizes: readonly number[]): string {
  const [count, ...rest] = sizes;
  return rest.length === 0 ? `${count} labels` : `${count} images of ${rest.join(" × ")}`;
}

function malformed(source: string, what: string, hint: string): IsthmusError {
  return new IsthmusError({ code: "data/malformed", message: `${source} ${what}`, hint });
}

/** The first bytes of a file as a person would recognize them. */
function beginning(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return bytes[0] === 0x3c ? `${hex}, as a web page does` : hex;
}

/** Sizes of all dimensions, as the header gives them. */
function readSizes(bytes: Uint8Array, source: string): number[] {
  const again = "Delete the file and get it again.";
  if (bytes.length < 4) throw malformed(source, `is cut off: it has ${bytes.length} bytes.`, again);
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    throw malformed(
      source,
      `is not an IDX file: it begins with ${beginning(bytes)}, not with 00 00 08.`,
      "Put the right file there, gzipped or plain.",
    );
  }
  if (bytes[2] !== UNSIGNED_BYTE) {
    throw malformed(
      source,
      `holds values of type 0x${bytes[2].toString(16).padStart(2, "0")}; unsigned bytes (0x08) are expected.`,
      "Put the right file there.",
    );
  }
  const rank = bytes[3];
  if (bytes.length < 4 + 4 * rank) {
    throw malformed(source, `is cut off within its header, after ${bytes.length} bytes.`, again);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
}

/**
 * The values of an IDX file of unsigned bytes: 00 00 08 and the number of dimensions, each dimension's size as four bytes
 * (big-endian), then the values, nothing after them. A view of `bytes`, not a copy.
 * `sizes` are those that the file must have: `[images, height, width]` or `[labels]`.
 * Errors: `data/malformed`, naming `source`, for a file that is not IDX, is cut off, is too long or holds something else.
 */
export function parseIdx(bytes: Uint8Array, sizes: readonly number[], source: string): Uint8Array {
  const found = readSizes(bytes, source);
  if (found.join() !== sizes.join()) {
    throw malformed(
      source,
      `holds ${found.length === 0 ? "nothing" : contents(found)}; ${contents(sizes)} are expected.`,
      "Check that images and labels, and training and test files, are not swapped.",
    );
  }
  const start = 4 + 4 * sizes.length;
  const length = sizes.reduce((product, size) => product * size, 1);
  const rest = bytes.length - start;
  if (rest !== length) {
    const what = rest < length ? "is cut off: it" : "is too long: it";
    throw malformed(
      source,
      `${what} has ${rest} bytes after its header, which announces ${length}.`,
      "Delete the file and get it again.",
    );
  }
  return bytes.subarray(start);
}
