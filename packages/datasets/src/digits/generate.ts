import { type ImageSplit, type Rng, throwIfAborted } from "@isthmus/core";
import { SIDE } from "./canvas.js";
import { writeDigit } from "./digit-image.js";

/** What generating may report to and be stopped by. */
export interface GenerateContext {
  readonly progress?: (done: number, total: number, unit: string) => void;
  readonly signal?: AbortSignal;
}

const CLASSES = 10;
const CHUNK = 1000;

/**
 * Generates `count` labeled digits. Every run of ten images holds each digit once, in random order. Image i depends only
 * on `rng`'s seed and i, so a smaller set is the beginning of a larger one. Lets the event loop run every thousand images.
 */
export async function generateDigits(
  count: number,
  rng: Rng,
  { progress, signal }: GenerateContext = {},
): Promise<ImageSplit> {
  const pixels = SIDE * SIDE;
  const images = new Uint8Array(count * pixels);
  const labels = new Uint8Array(count);
  let order: Uint32Array = new Uint32Array(0);
  for (let i = 0; i < count; i++) {
    if (i % CHUNK === 0) {
      await new Promise((resume) => setTimeout(resume, 0));
      throwIfAborted(signal);
      progress?.(i, count, "images");
    }
    if (i % CLASSES === 0) order = rng.fork(`labels/${i / CLASSES}`).permutation(CLASSES);
    labels[i] = order[i % CLASSES];
    writeDigit(labels[i], rng.fork(`image/${i}`), images.subarray(i * pixels, (i + 1) * pixels));
  }
  progress?.(count, count, "images");
  return { images, labels };
}
