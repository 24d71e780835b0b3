import type { ImageDataset } from "../../contracts/dataset.js";
import { WASM_PIXELS } from "./pixel-lookup.generated.js";

/** Where an augmented image shows its source: pixel (y, x) is that of row y + down, column x + right, then mirrored where flipped. */
export interface Placement {
  readonly down: number;
  readonly right: number;
  readonly flipped: boolean;
}

/** Functions of assembly/pixels.ts. */
interface Exports {
  lookUp(
    table: number,
    channels: number,
    source: number,
    to: number,
    rows: number,
    pixels: number,
    width: number,
    step: number,
  ): void;
}

const PAGE = 2 ** 16;
let code: WebAssembly.Module | undefined;

/** Compiled when the first image is read. */
function compiled(): WebAssembly.Module {
  code ??= new WebAssembly.Module(Uint8Array.from(atob(WASM_PIXELS), (each) => each.charCodeAt(0)));
  return code;
}

/** Turns bytes into what a network sees, `(pixel / 255 - mean) / std` per channel: looked up, in WebAssembly, an image at a time. */
class PixelLookup {
  readonly #shape: readonly [number, number, number];
  readonly #exports: Exports;
  readonly #bytes: Uint8Array;
  readonly #numbers: Float32Array;
  /** An image of black pixels, which are 0 before normalization. */
  readonly #black: Float32Array;

  constructor(shape: readonly [number, number, number], mean: readonly number[], std: readonly number[]) {
    this.#shape = shape;
    const [height, width, channels] = shape;
    const size = height * width * channels;
    const tables = 256 * channels;
    const bytes = 4 * (tables + size) + size;
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
    this.#exports = new WebAssembly.Instance(compiled(), { env: { memory } }).exports as unknown as Exports;
    // value of pixel p of channel c, at [c · 256 + p]
    const table = new Float32Array(memory.buffer, 0, tables);
    mean.forEach((m, c) => {
      for (let p = 0; p < 256; p++) table[c * 256 + p] = (p / 255 - m) / std[c];
    });
    this.#numbers = new Float32Array(memory.buffer, 4 * tables, size);
    this.#bytes = new Uint8Array(memory.buffer, 4 * (tables + size), size);
    this.#black = Float32Array.from({ length: size }, (_, i) => table[(i % channels) * 256]);
  }

  /** Writes an image to `images` from `to` on: all of it as it is, or what its placement shows, black beside it. */
  write(image: Uint8Array, images: Float32Array, to: number, placement: Placement | undefined): void {
    const [height, width, channels] = this.#shape;
    this.#bytes.set(image);
    if (placement === undefined) this.#look(0, 0, 1, height * width, channels);
    else {
      const { down, right, flipped } = placement;
      if (down !== 0 || right !== 0) this.#numbers.set(this.#black);
      const [top, first] = [Math.max(0, -down), Math.max(0, -right)];
      const rows = Math.min(height, height - down) - top;
      const pixels = Math.min(width, width - right) - first;
      const read = (top + down) * width + first + right;
      const write = top * width + (flipped ? width - 1 - first : first);
      if (rows > 0 && pixels > 0) this.#look(read, write, rows, pixels, flipped ? -channels : channels);
    }
    images.set(this.#numbers, to);
  }

  /** Looks up `rows` of `pixels` each, from pixel `read` of the bytes to pixel `write` of the numbers. */
  #look(read: number, write: number, rows: number, pixels: number, step: number): void {
    const [, width, channels] = this.#shape;
    this.#exports.lookUp(
      0,
      channels,
      this.#bytes.byteOffset + read * channels,
      this.#numbers.byteOffset + 4 * write * channels,
      rows,
      pixels,
      width,
      step,
    );
  }
}

const kept = new WeakMap<ImageDataset, Map<string, PixelLookup>>();

/** How pixels of a data set are looked up: normalized, or plainly in [0, 1]; made once for each. */
export function pixelLookup(dataset: ImageDataset, pixels: "normalized" | "unit"): PixelLookup {
  const own = kept.get(dataset) ?? new Map<string, PixelLookup>();
  kept.set(dataset, own);
  const held = own.get(pixels);
  if (held !== undefined) return held;
  const { mean, std } = dataset.normalization;
  const unit = pixels === "unit";
  const made = new PixelLookup(
    dataset.inputShape,
    unit ? mean.map(() => 0) : mean,
    unit ? std.map(() => 1) : std,
  );
  own.set(pixels, made);
  return made;
}
