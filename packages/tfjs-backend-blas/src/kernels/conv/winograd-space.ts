import { WasmArrays } from "../wasm-arrays.js";
import type { Block } from "./tiles.js";
import { WASM_WINOGRAD } from "./wasm-winograd.generated.js";

/** Functions of assembly/winograd.ts. */
interface Functions {
  transformInput(
    x: number,
    images: number,
    lines: number,
    columns: number,
    channels: number,
    out: number,
    stride: number,
  ): void;
  transformOutput(
    m: number,
    stride: number,
    lines: number,
    columns: number,
    channels: number,
    y: number,
  ): number;
  transformSlope(
    dy: number,
    lines: number,
    columns: number,
    channels: number,
    out: number,
    stride: number,
  ): void;
  transformFilter(taps: number, n: number, out: number, stride: number): void;
  transformFilterSlope(p: number, stride: number, n: number, taps: number): number;
}

const code = new WebAssembly.Module(Buffer.from(WASM_WINOGRAD, "base64"));

/** Filters are transformed so many at a time. */
const FILTERS = 2 ** 12;

/** What is transformed lies so much further apart than its size: positions a power of two apart would share few lines of the cache. */
const APART = 16;

/** How far apart the 16 positions are for `n` numbers in each. */
export const positionStride = (n: number): number => n + APART;

let kept: WinogradSpace | undefined;

/** The arrays of Winograd's filtering and its transforms. All sizes in numbers; channels are multiples of 4. */
export class WinogradSpace extends WasmArrays<Functions> {
  /** `[16, in · out]`: filters, or sums for their gradient. */
  readonly filters = this.array(0);
  /** `[16, tiles, channels]`, of what goes in. */
  readonly inputs = this.array(1);
  /** `[16, tiles, channels]`, of what comes out. */
  readonly outputs = this.array(2);
  /** Pixels of a block that goes in, its edges included. */
  readonly pixelsIn = this.array(3);
  /** Pixels of a block that comes out. */
  readonly pixelsOut = this.array(4);
  readonly #taps = this.array(5);

  /** The space kept from call to call, grown where it is smaller than some size. */
  static of(filters: number, inputs: number, outputs: number, pixelsIn: number, pixelsOut: number) {
    const sizes = [filters, inputs, outputs, pixelsIn, pixelsOut, 9 * FILTERS];
    const had = kept?.sizes ?? sizes;
    if (kept === undefined || sizes.some((size, i) => size > (had[i] as number)))
      kept = new WinogradSpace(
        code,
        sizes.map((size, i) => Math.max(size, had[i] as number)),
      );
    return kept;
  }

  /** `inputs` = Bᵀ d B of the 4 × 4 pixels of each tile in `pixelsIn`. */
  transformInput({ images, lines, columns }: Block, channels: number, stride: number): void {
    const { pixelsIn, inputs } = this;
    this.functions.transformInput(
      pixelsIn.byteOffset,
      images,
      lines,
      columns,
      channels,
      inputs.byteOffset,
      4 * stride,
    );
  }

  /** `pixelsOut` = Aᵀ m A of each tile m in `outputs`. Whether every number is finite. */
  transformOutput({ images, lines, columns }: Block, channels: number, stride: number): boolean {
    const { outputs, pixelsOut } = this;
    return (
      this.functions.transformOutput(
        outputs.byteOffset,
        4 * stride,
        images * lines,
        columns,
        channels,
        pixelsOut.byteOffset,
      ) !== 0
    );
  }

  /** `outputs` = A dy Aᵀ of the 2 × 2 pixels of each tile in `pixelsOut`. */
  transformSlope({ images, lines, columns }: Block, channels: number, stride: number): void {
    const { outputs, pixelsOut } = this;
    this.functions.transformSlope(
      pixelsOut.byteOffset,
      images * lines,
      columns,
      channels,
      outputs.byteOffset,
      4 * stride,
    );
  }

  /** `filters` = G g Gᵀ of each filter g of `[9, n]`. */
  transformFilter(filter: Float32Array): void {
    const n = filter.length / 9;
    const taps = this.#taps;
    const stride = 4 * positionStride(n);
    for (let first = 0; first < n; first += FILTERS) {
      const count = Math.min(FILTERS, n - first);
      for (let tap = 0; tap < 9; tap++)
        taps.set(filter.subarray(tap * n + first, tap * n + first + count), tap * count);
      this.functions.transformFilter(taps.byteOffset, count, this.filters.byteOffset + 4 * first, stride);
    }
  }

  /** `[9, n]` = Gᵀ p G of each p in `filters`. Whether every number is finite. */
  transformFilterSlope(gradient: Float32Array): boolean {
    const n = gradient.length / 9;
    const taps = this.#taps;
    const stride = 4 * positionStride(n);
    let finite = true;
    for (let first = 0; first < n; first += FILTERS) {
      const count = Math.min(FILTERS, n - first);
      const from = this.filters.byteOffset + 4 * first;
      if (this.functions.transformFilterSlope(from, stride, count, taps.byteOffset) === 0) finite = false;
      for (let tap = 0; tap < 9; tap++)
        gradient.set(taps.subarray(tap * count, (tap + 1) * count), tap * n + first);
    }
    return finite;
  }
}
