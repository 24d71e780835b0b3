import type { KernelConfig, KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "./tf.js";

/** What the wasm backend offers beyond tfjs' public types. */
interface Backend {
  disposeData(dataId: object): boolean;
}

type KernelCall = Parameters<KernelFunc>[0];

const REPAIRED = Symbol.for("isthmus.engine.wasm-matmul");

/**
 * The backend packs its *second* operand anew for every tensor it has not seen, and weights change at every step. From
 * this many times more rows on, it pays to let the smaller operand be the second: A Bᵀ = (B Aᵀ)ᵀ. Measured with 128 rows
 * of A: equal at 200 rows of B, 1.3 times faster at 800 × 400, 1.8 at 1024 × 512, 3 at 3072 × 1024.
 */
const SWAP_FROM = 2;

/** Swaps the last two axes. */
function swapAxes(x: TensorInfo, backend: Backend): TensorInfo {
  const rank = x.shape.length;
  const perm = x.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  const { kernelFunc } = tf.getKernel("Transpose", "wasm");
  return kernelFunc({ inputs: { x }, backend, attrs: { perm } } as unknown as KernelCall) as TensorInfo;
}

/** The kernel that makes each asked-for transpose explicit and puts the smaller operand second. */
function withExplicitTransposes(original: KernelConfig): KernelConfig {
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) => {
    const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
    if (!transposeA && !transposeB) return original.kernelFunc({ inputs, attrs, backend });
    const owner = backend as Backend;
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
    const multiply = (left: TensorInfo, right: TensorInfo): TensorInfo =>
      original.kernelFunc({
        inputs: { ...inputs, a: left, b: right },
        attrs: { ...attrs, transposeA: false, transposeB: false },
        backend,
      }) as TensorInfo;
    const [rowsA, rowsB] = [a, b].map(({ shape }) => shape[shape.length - 2]);
    if (transposeB && !transposeA && original.kernelName === "BatchMatMul" && rowsB >= SWAP_FROM * rowsA) {
      const right = swapAxes(a, owner);
      const product = multiply(b, right);
      const result = swapAxes(product, owner);
      owner.disposeData(right.dataId);
      owner.disposeData(product.dataId);
      return result;
    }
    const left = transposeA ? swapAxes(a, owner) : a;
    const right = transposeB ? swapAxes(b, owner) : b;
    const result = multiply(left, right);
    if (transposeA) owner.disposeData(left.dataId);
    if (transposeB) owner.disposeData(right.dataId);
    return result;
  };
  return { ...original, kernelFunc };
}

/**
 * Repairs the matrix product of the wasm backend: as shipped, a product with a transposed operand runs through a scalar
 * loop about ten times slower than a transpose followed by a plain product, and training needs both transposes in every
 * layer. Replaces `BatchMatMul` and `_FusedMatMul`; callers notice nothing. Does nothing the second time.
 */
export function repairWasmMatMul(): void {
  const done = globalThis as { [REPAIRED]?: boolean };
  if (done[REPAIRED]) return;
  for (const name of ["BatchMatMul", "_FusedMatMul"]) {
    const original = tf.getKernel(name, "wasm");
    tf.unregisterKernel(name, "wasm");
    tf.registerKernel(withExplicitTransposes(original));
  }
  done[REPAIRED] = true;
}
