import type { TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "./tf.js";
import { WASM_KERNELS } from "./wasm-kernels.generated.js";

/** What the wasm backend offers beyond tfjs' public types. */
interface WasmBackend {
  readonly wasm: {
    /** Exports of the module behind it, its memory among them. */
    readonly asm?: Readonly<Record<string, unknown>>;
    _malloc(bytes: number): number;
    _free(address: number): void;
    readonly tfjs: {
      disposeData(id: number): void;
      registerTensor(id: number, size: number, address: number): void;
    };
  };
  readonly dataIdMap: { get(dataId: object): { readonly id: number; readonly memoryOffset: number } };
  makeOutput(shape: readonly number[], dtype: "float32"): TensorInfo;
}

/** Functions of assembly/kernels.ts; addresses and counts. */
interface Exports {
  scratchBytes(m: number, n: number, k: number): number;
  multiply(
    m: number,
    n: number,
    k: number,
    a: number,
    rowA: number,
    columnA: number,
    b: number,
    rowB: number,
    columnB: number,
    c: number,
    bias: number,
    relu: number,
    add: number,
    scratch: number,
  ): void;
  momentum(
    value: number,
    velocity: number,
    gradient: number,
    n: number,
    mu: number,
    lambda: number,
    eta: number,
  ): void;
  gatherPatches(geometry: number, x: number, first: number, last: number, patches: number): void;
  scatterPatches(geometry: number, x: number, first: number, last: number, patches: number): void;
  turnFilter(taps: number, inputs: number, outputs: number, filter: number, to: number): void;
}

/** Number of values of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, each) => size * each, 1);

/** A matrix in memory: its address and how many numbers apart rows and columns are. */
export interface Matrix {
  readonly address: number;
  readonly row: number;
  readonly column: number;
}

/** Our functions in the wasm backend's memory, and that memory. */
export class WasmModule {
  readonly #scratch = new Map<string, { readonly address: number; readonly bytes: number }>();

  constructor(
    readonly backend: WasmBackend,
    readonly exports: Exports,
    private readonly memory: WebAssembly.Memory,
  ) {}

  addressOf({ dataId }: TensorInfo): number {
    return this.backend.dataIdMap.get(dataId).memoryOffset;
  }

  /** A new float32 tensor, its values undefined. */
  output(shape: readonly number[]): TensorInfo {
    return this.backend.makeOutput([...shape], "float32");
  }

  /** The numbers of a float32 tensor; a view that the next allocation may invalidate. */
  numbersOf(tensor: TensorInfo): Float32Array {
    return new Float32Array(this.memory.buffer, this.addressOf(tensor), sizeOf(tensor.shape));
  }

  /** Memory of at least `bytes` under a name; between kernels it is anybody's. */
  scratch(name: string, bytes: number): number {
    const held = this.#scratch.get(name);
    if (held !== undefined && held.bytes >= bytes) return held.address;
    const { wasm } = this.backend;
    if (held !== undefined) wasm._free(held.address);
    const address = wasm._malloc(bytes) >>> 0;
    this.#scratch.set(name, { address, bytes });
    return address;
  }

  /**
   * C = relu?(A · B + bias?), or C + that: A is m × k, B is k × n, C is m × n, row by row.
   *
   * @param bias address of n numbers, or 0
   */
  multiply(
    [m, n, k]: readonly [number, number, number],
    a: Matrix,
    b: Matrix,
    c: number,
    { bias = 0, relu = false, add = false } = {},
  ): void {
    const { multiply, scratchBytes } = this.exports;
    const scratch = this.scratch("product", scratchBytes(m, n, k));
    multiply(
      m,
      n,
      k,
      a.address,
      a.row,
      a.column,
      b.address,
      b.row,
      b.column,
      c,
      bias,
      Number(relu),
      Number(add),
      scratch,
    );
  }

  /** Writes 32-bit integers to memory. */
  writeIntegers(address: number, values: readonly number[]): void {
    new Int32Array(this.memory.buffer, address, values.length).set(values);
  }

  /** Says that a tensor's values were changed: convolutions keep a packed copy of their filter under its number. */
  changed(tensor: TensorInfo): void {
    const { id } = this.backend.dataIdMap.get(tensor.dataId);
    const { tfjs } = this.backend.wasm;
    tfjs.disposeData(id); // signing off makes them drop it
    tfjs.registerTensor(id, sizeOf(tensor.shape), this.addressOf(tensor));
  }
}

/** The memory of the backend's module; undefined where it is shared with threads or out of reach. */
function memoryOf(backend: WasmBackend): WebAssembly.Memory | undefined {
  const memory = Object.values(backend.wasm.asm ?? {}).find((each) => each instanceof WebAssembly.Memory);
  return memory?.buffer instanceof ArrayBuffer ? memory : undefined;
}

/**
 * Our functions beside the active wasm backend; undefined where its memory is shared with threads (a page that is isolated from
 * others), or there is no SIMD.
 */
export async function wasmModule(): Promise<WasmModule | undefined> {
  const backend = tf.backend() as unknown as WasmBackend;
  const memory = memoryOf(backend);
  if (memory === undefined) return undefined;
  const code = Uint8Array.from(atob(WASM_KERNELS), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(code)) return undefined;
  const { instance } = await WebAssembly.instantiate(code, { env: { memory } });
  return new WasmModule(backend, instance.exports as unknown as Exports, memory);
}
