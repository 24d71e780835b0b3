import { WasmArrays } from "./wasm-arrays.js";
import { WASM_KERNELS } from "./wasm-kernels.generated.js";

/** Functions of assembly/kernels.ts. */
interface Exports {
  relu(x: number, n: number): void;
  keepWherePositive(gradient: number, output: number, n: number): void;
  largestOfFour(x: number, width: number, channels: number, lines: number, out: number): void;
  gradientOfFour(x: number, dy: number, width: number, channels: number, lines: number, dx: number): void;
}

const code = new WebAssembly.Module(Buffer.from(WASM_KERNELS, "base64"));

/** Arrays with the loops of assembly/kernels.ts over them. */
export class Workspace extends WasmArrays<Exports> {
  /** @param sizes how many numbers each array has */
  constructor(sizes: readonly number[]) {
    super(code, sizes);
  }

  /** x ← max(x, 0) for one of its arrays; NaN stays NaN. */
  relu(x: Float32Array): void {
    this.functions.relu(x.byteOffset, x.length);
  }

  /** gradient ← gradient where output > 0, else 0, for two of its arrays of one size. */
  keepWherePositive(gradient: Float32Array, output: Float32Array): void {
    this.functions.keepWherePositive(gradient.byteOffset, output.byteOffset, gradient.length);
  }

  /** The largest of each 2 × 2 pixels: `lines` times two lines `[width, channels]` of x become one `[width / 2, channels]` of out. */
  largestOfFour(x: Float32Array, width: number, channels: number, lines: number, out: Float32Array): void {
    this.functions.largestOfFour(x.byteOffset, width, channels, lines, out.byteOffset);
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
    this.functions.gradientOfFour(x.byteOffset, dy.byteOffset, width, channels, lines, dx.byteOffset);
  }
}
