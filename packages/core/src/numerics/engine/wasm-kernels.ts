import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
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
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, each) => size * each, 1);

/** Attributes of both products; only the fused one has an activation. */
interface ProductAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly activation?: string;
}

/** Our kernels in the wasm backend's memory. */
class WasmKernels {
  #scratch = { address: 0, bytes: 0 };

  constructor(
    private readonly backend: WasmBackend,
    private readonly exports: Exports,
  ) {}

  #addressOf({ dataId }: TensorInfo): number {
    return this.backend.dataIdMap.get(dataId).memoryOffset;
  }

  #scratchOf(bytes: number): number {
    if (bytes > this.#scratch.bytes) {
      const { wasm } = this.backend;
      if (this.#scratch.bytes > 0) wasm._free(this.#scratch.address);
      this.#scratch = { address: wasm._malloc(bytes) >>> 0, bytes };
    }
    return this.#scratch.address;
  }

  /**
   * `[…, m, k] · […, k, n] → […, m, n]`, each operand transposed where asked for, plus a bias `[n]`, then ReLU where asked for.
   * Undefined for what is left to the backend's own kernel: other types, empty results, batches that broadcast.
   */
  multiply(
    a: TensorInfo,
    b: TensorInfo,
    { transposeA, transposeB, activation = "linear" }: ProductAttributes,
    bias: TensorInfo | undefined,
  ): TensorInfo | undefined {
    if (a.dtype !== "float32" || b.dtype !== "float32") return undefined;
    if (activation !== "linear" && activation !== "relu") return undefined;
    const [batchA, batchB] = [a, b].map(({ shape }) => sizeOf(shape.slice(0, -2)));
    const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
    const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
    const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
    const [inner, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
    const shared = batchB === 1 && b.shape.length <= a.shape.length;
    if (k !== inner || m * n === 0 || batchA === 0) return undefined;
    if (!shared && String(a.shape.slice(0, -2)) !== String(b.shape.slice(0, -2))) return undefined;
    if (bias !== undefined && (bias.dtype !== "float32" || bias.shape.length !== 1 || bias.shape[0] !== n))
      return undefined;

    const result = this.backend.makeOutput([...a.shape.slice(0, -2), m, n], "float32");
    const [strideA, strideB] = [transposeA ? [1, m] : [k, 1], transposeB ? [1, k] : [n, 1]];
    // The rows of all batches are one matrix where they meet the same second operand.
    const merged = shared && !transposeA;
    const rows = merged ? batchA * m : m;
    const scratch = this.#scratchOf(this.exports.scratchBytes(rows, n, k));
    for (let i = 0; i < (merged ? 1 : batchA); i++) {
      this.exports.multiply(
        rows,
        n,
        k,
        this.#addressOf(a) + 4 * i * m * k,
        strideA[0],
        strideA[1],
        this.#addressOf(b) + (shared ? 0 : 4 * i * k * n),
        strideB[0],
        strideB[1],
        this.#addressOf(result) + 4 * i * m * n,
        bias === undefined ? 0 : this.#addressOf(bias),
        activation === "relu" ? 1 : 0,
        scratch,
      );
    }
    return result;
  }

  /** `MomentumUpdate` of fast-kernels.ts. */
  momentum(
    [value, velocity, gradient]: readonly [TensorInfo, TensorInfo, TensorInfo],
    {
      momentum,
      weightDecay,
      learningRate,
    }: Readonly<Record<"momentum" | "weightDecay" | "learningRate", number>>,
  ): void {
    const [theta, v, g] = [value, velocity, gradient].map((tensor) => this.#addressOf(tensor)) as [
      number,
      number,
      number,
    ];
    const size = sizeOf(value.shape);
    this.exports.momentum(theta, v, g, size, momentum, weightDecay, learningRate);
    // Convolutions keep a packed copy of their filter under its number: signing off makes them drop it.
    const { id } = this.backend.dataIdMap.get(value.dataId);
    this.backend.wasm.tfjs.disposeData(id);
    this.backend.wasm.tfjs.registerTensor(id, size, theta);
  }
}

/** The memory of the backend's module; undefined where it is shared with threads or out of reach. */
function memoryOf(backend: WasmBackend): WebAssembly.Memory | undefined {
  const memory = Object.values(backend.wasm.asm ?? {}).find((each) => each instanceof WebAssembly.Memory);
  return memory?.buffer instanceof ArrayBuffer ? memory : undefined;
}

const DONE = Symbol.for("isthmus.engine.wasm-kernels");

/**
 * Replaces the wasm backend's matrix products by our own, for every caller, and adds `MomentumUpdate`. The backend's own product
 * packs its second operand anew for every tensor at about 5 ns a number, and is ten times slower still with a transposed operand;
 * training needs both in every layer. Ours packs at a tenth of that, from any layout, and multiplies 1.4 times as fast.
 * Left to the backend where its memory is shared with threads (a page that is isolated from others), or has no SIMD.
 */
export async function installWasmKernels(): Promise<void> {
  const done = globalThis as { [DONE]?: boolean };
  if (done[DONE]) return;
  const backend = tf.backend() as unknown as WasmBackend;
  const memory = memoryOf(backend);
  if (memory === undefined) return;
  const code = Uint8Array.from(atob(WASM_KERNELS), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(code)) return;
  const { instance } = await WebAssembly.instantiate(code, { env: { memory } });
  const kernels = new WasmKernels(backend, instance.exports as unknown as Exports);
  for (const name of ["BatchMatMul", "_FusedMatMul"]) {
    const original = tf.getKernel(name, "wasm");
    const kernelFunc: KernelFunc = (call) => {
      const { a, b, bias, preluActivationWeights } = call.inputs as Record<string, TensorInfo | undefined>;
      const attributes = call.attrs as unknown as ProductAttributes;
      const ours =
        preluActivationWeights === undefined
          ? kernels.multiply(a as TensorInfo, b as TensorInfo, attributes, bias)
          : undefined;
      return ours ?? original.kernelFunc(call);
    };
    tf.unregisterKernel(name, "wasm");
    tf.registerKernel({ ...original, kernelFunc });
  }
  tf.registerKernel({
    kernelName: "MomentumUpdate",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) => {
      const { value, velocity, gradient } = inputs as Record<string, TensorInfo>;
      kernels.momentum([value, velocity, gradient], attrs as Parameters<WasmKernels["momentum"]>[1]);
      return [];
    },
  });
  done[DONE] = true;
}
