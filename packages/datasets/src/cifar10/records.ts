import { type ImageSplit, IsthmusError } from "@isthmus/core";

/** Pixels of one color of an image. */
const PLANE = 32 * 32;
/** Bytes of an image: its red, its green, its blue plane. */
export const PIXELS = 3 * PLANE;
/** Bytes of a label and an image. */
export const RECORD = 1 + PIXELS;
const CLASSES = 10;
/** Images of a file. */
export const BATCH = 10_000;
/** Bytes of a file. */
export const BATCH_BYTES = BATCH * RECORD;

/**
 * Checks that bytes are a file of CIFAR-10's binary version: 10,000 records of a label and 3 · 1024 pixels, nothing else.
 *
 * @throws `data/malformed`, naming `source`, where the size is another or a label is no class
 */
export function checkRecords(records: Uint8Array, source: string): Uint8Array {
  const malformed = (what: string, hint: string) =>
    new IsthmusError({ code: "data/malformed", message: `${source} ${what}`, hint });
  if (records.length !== BATCH_BYTES) {
    const size = `${records.length} bytes; a file of CIFAR-10 has ${BATCH} records of ${RECORD} bytes, ${BATCH_BYTES} in all`;
    if (records.length < BATCH_BYTES && records.length % RECORD !== 0) {
      throw malformed(`is cut off: it has ${size}.`, "Delete the file and get it again.");
    }
    throw malformed(`has ${size}.`, "Put the right file there.");
  }
  for (let record = 0; record < BATCH; record++) {
    const label = records[record * RECORD];
    if (label >= CLASSES) {
      throw malformed(
        `is not a file of CIFAR-10: its record ${record} has the label ${label}, but there are ${CLASSES} classes.`,
        "Put the right file there; CIFAR-100 is another data set.",
      );
    }
  }
  return records;
}

/** The images of some files, one after another, with the three colors of a pixel side by side: `[32, 32, 3]`. */
export function toSplit(files: readonly Uint8Array[]): ImageSplit {
  const count = files.length * BATCH;
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  let [image, at] = [0, 0];
  for (const records of files) {
    for (let start = 0; start < records.length; start += RECORD) {
      labels[image++] = records[start];
      const end = start + 1 + PLANE;
      for (let red = start + 1; red < end; red++, at += 3) {
        images[at] = records[red];
        images[at + 1] = records[red + PLANE];
        images[at + 2] = records[red + 2 * PLANE];
      }
    }
  }
  return { images, labels };
}
