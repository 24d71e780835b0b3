import type { KernelConfig, KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "./tf.js";

/** What the wasm backend offers beyond tfjs' public types. */
interface Backend {
  disposeData(dataId: object): boolean;
}

const REPAIRED = Symbol.for("isthmus.engine.wasm-matmul");

function swapLastAxes(x: TensorInfo, backend: Backend, transpose: KernelFunc): TensorInfo {
  const rank = x.shape.length;
  const perm = x.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  return transpose({
    inputs: { x },
    backend,
    attrs: { perm },
  } as unknown as Parameters<KernelFunc>[0]) as TensorInfo;
}

/** The kernel that multiplies after making each asked-for transpose explicit. */
function withExplicitTransposes(original: KernelConfig, transpose: KernelFunc): KernelConfig {
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) => {
    const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
    if (!transposeA && !transposeB) return original.kernelFunc({ inputs, attrs, backend });
    const owner = backend as Backend;
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
    const left = transposeA ? swapLastAxes(a, owner, transpose) : a;
    const right = transposeB ? swapLastAxes(b, owner, transpose) : b;
    const result = original.kernelFunc({
      inputs: { ...inputs, a: left, b: right },
      attrs: { ...attrs, transposeA: false, transposeB: false },
      backend,
    });
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
  const transpose = tf.getKernel("Transpose", "wasm").kernelFunc;
  for (const name of ["BatchMatMul", "_FusedMatMul"]) {
    const original = tf.getKernel(name, "wasm");
    tf.unregisterKernel(name, "wasm");
    tf.registerKernel(withExplicitTransposes(original, transpose));
  }
  done[REPAIRED] = true;
}
