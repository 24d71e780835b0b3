import type { Geometry } from "./geometry.js";

/** About so many tiles are worked on at a time: enough for a product, and few enough that they stay in the cache. */
const TILES = 256;

/** Tiles of 2 × 2 output pixels: `lines × columns` of each of some images, or some lines of one image. */
export interface Block {
  readonly image: number;
  readonly images: number;
  /** The first line of tiles. */
  readonly line: number;
  readonly lines: number;
  /** Tiles in a line: always all. */
  readonly columns: number;
}

/** The number of tiles of a block. */
export const tilesOf = ({ images, lines, columns }: Block): number => images * lines * columns;

/** All tiles of a batch, in blocks; the first is the largest. */
export function blocksOf(g: Geometry): Block[] {
  const allLines = Math.ceil(g.outHeight / 2);
  const columns = Math.ceil(g.outWidth / 2);
  const lineStep = Math.min(allLines, Math.max(1, Math.floor(TILES / columns)));
  const imageStep = lineStep < allLines ? 1 : Math.max(1, Math.floor(TILES / (allLines * columns)));
  const blocks: Block[] = [];
  for (let image = 0; image < g.batch; image += imageStep) {
    const images = Math.min(imageStep, g.batch - image);
    for (let line = 0; line < allLines; line += lineStep)
      blocks.push({ image, images, line, lines: Math.min(lineStep, allLines - line), columns });
  }
  return blocks;
}

/** Images `[batch, height, width, channels]`. */
export interface Images {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** A window of images: `height × width` pixels from line `top` and column `left` on, which may reach over the edges. */
export interface Window {
  readonly image: number;
  readonly images: number;
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Runs over the lines of a window, where they are in the images, or `undefined` outside, and where in the window. */
function forEachLine(
  { height, width, channels }: Images,
  window: Window,
  run: (from: number | undefined, at: number) => void,
): void {
  let at = 0;
  for (let image = window.image; image < window.image + window.images; image++) {
    for (let row = window.top; row < window.top + window.height; row++, at += window.width * channels)
      run(row >= 0 && row < height ? (image * height + row) * width * channels : undefined, at);
  }
}

/** Whether a window is whole images, so that its numbers are theirs in the same order. */
const isWhole = ({ height, width }: Images, window: Window): boolean =>
  window.top === 0 && window.left === 0 && window.height === height && window.width === width;

/** Copies a window into `to`, with zeros where it reaches over the edges. */
export function copyWindow(images: Images, window: Window, to: Float32Array): void {
  const { values, height, width, channels } = images;
  if (isWhole(images, window)) {
    const size = height * width * channels;
    to.set(values.subarray(window.image * size, (window.image + window.images) * size));
    return;
  }
  const low = Math.max(0, -window.left);
  const high = Math.min(window.width, width - window.left);
  forEachLine(images, window, (from, at) => {
    const end = at + window.width * channels;
    if (from === undefined) {
      to.fill(0, at, end);
      return;
    }
    const start = from + window.left * channels;
    to.fill(0, at, at + low * channels);
    to.set(values.subarray(start + low * channels, start + high * channels), at + low * channels);
    to.fill(0, at + high * channels, end);
  });
}

/** The reverse of {@link copyWindow}: writes what lies inside the images; the window starts in their first column. */
export function writeWindow(images: Images, window: Window, from: Float32Array): void {
  const { values, height, width, channels } = images;
  if (isWhole(images, window)) {
    const size = height * width * channels;
    values.set(from.subarray(0, window.images * size), window.image * size);
    return;
  }
  const length = Math.min(width, window.width) * channels;
  forEachLine(images, window, (to, at) => {
    if (to !== undefined) values.set(from.subarray(at, at + length), to);
  });
}
