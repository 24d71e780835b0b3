import { WASM_KERNELS } from "./wasm-kernels.generated.js";

/** Functions of assembly/kernels.ts. */
interface Exports {
  relu(x: number, n: number): void;
  keepWherePositive(gradient: number, output: number, n: number): void;
  largestOfFour(x: number, width: number, channels: number, lines: number, out: number): void;
  gradientOfFour(x: number, dy: number, width: number, channels: number, lines: number, dx: number): void;
}

const PAGE = 2 ** 16;
const code = new WebAssembly.Module(Buffer.from(WASM_KERNELS, "base64"));

/** Arrays that no tensor ever shows, in a memory of their own, in which BLAS and loops in WebAssembly both work. */
export class Workspace {
  readonly #exports: Exports;
  readonly #arrays: readonly Float32Array[];

  /** @param sizes how many numbers each array has */
  constructor(readonly sizes: readonly number[]) {
    const starts = [0];
    for (const size of sizes) starts.push((starts.at(-1) as number) + Math.ceil(size / 16) * 64);
    const memory = new WebAssembly.Memory({ initial: Math.ceil((starts.at(-1) as number) / PAGE) });
    this.#exports = new WebAssembly.Instance(code, { env: { memory } }).exports as unknown as Exports;
    this.#arrays = sizes.map((size, i) => new Float32Array(memory.buffer, starts[i], size));
  }

  /** Array i; it keeps its numbers until somebody writes others. */
  array(i: number): Float32Array {
    return this.#arrays[i] as Float32Array;
  }

  /** x ← max(x, 0) for one of its arrays; NaN stays NaN. */
  relu(x: Float32Array): void {
    this.#exports.relu(x.byteOffset, x.length);
  }

  /** gradient ← gradient where output > 0, else 0, for two of its arrays of one size. */
  keepWherePositive(gradient: Float32Array, output: Float32Array): void {
    this.#exports.keepWherePositive(gradient.byteOffset, output.byteOffset, gradient.length);
  }

  /** The largest of each 2 × 2 pixels: `lines` times two lines `[width, channels]` of x become one `[width / 2, channels]` of out. */
  largestOfFour(x: Float32Array, width: number, channels: number, lines: number, out: Float32Array): void {
    this.#exports.largestOfFour(x.byteOffset, width, channels, lines, out.byteOffset);
  }

  /** The gradient of that: each number of dy goes to the first largest of its pixels. */
  gradientOfFour(
    x: Float32Array,
    dy: Float32Array,
    width: number,
    channels: number,
    lines: number,
    dx: Float32Array,
  ): void {
    this.#exports.gradientOfFour(x.byteOffset, dy.byteOffset, width, channels, lines, dx.byteOffset);
  }
}
