const PAGE = 2 ** 16;

/** Arrays that no tensor ever shows, in a memory of their own, in which BLAS and functions in WebAssembly both work. */
export class WasmArrays<Functions> {
  /** What the module exports; addresses are `byteOffset`s of the arrays. */
  protected readonly functions: Functions;
  readonly #arrays: readonly Float32Array[];

  /**
   * @param code a module that imports its memory
   * @param sizes how many numbers each array has
   */
  constructor(
    code: WebAssembly.Module,
    readonly sizes: readonly number[],
  ) {
    const starts = [0];
    for (const size of sizes) starts.push((starts.at(-1) as number) + Math.ceil(size / 16) * 64);
    const memory = new WebAssembly.Memory({ initial: Math.ceil((starts.at(-1) as number) / PAGE) });
    this.functions = new WebAssembly.Instance(code, { env: { memory } }).exports as unknown as Functions;
    this.#arrays = sizes.map((size, i) => new Float32Array(memory.buffer, starts[i], size));
  }

  /** Array i; it keeps its numbers until somebody writes others. */
  array(i: number): Float32Array {
    return this.#arrays[i] as Float32Array;
  }
}
