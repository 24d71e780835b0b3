import { backend_util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { Blas } from "../library/checked.js";
import { type BlasKernel, type KernelArgs, sizeOf } from "./kernel.js";

/**
 * `C[…] = op(A[…]) · op(B[…])` for every index of the leading axes, which broadcast against each other:
 * `[…, m, k] · […, k, n] → […, m, n]`, with the last two axes of an operand exchanged if its flag is set.
 */
export const batchMatMul: BlasKernel = { name: "BatchMatMul", run: product };

/** The product as a new tensor; `undefined` unless both operands are float32. */
export function product({ inputs, attrs, backend }: KernelArgs): TensorInfo | undefined {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
  const aValues = backend.floats(a);
  const bValues = backend.floats(b);
  if (aValues === undefined || bValues === undefined) return undefined;
  // No matrices: the cpu backend says so.
  if (a.shape.length < 2 || b.shape.length < 2) return undefined;
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [inner, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  if (k !== inner) {
    throw new Error(
      `Error in matMul: inner shapes (${k}) and (${inner}) of Tensors with shapes ${a.shape} and ${b.shape} ` +
        `and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
    );
  }
  const outer = backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const count = sizeOf(outer);
  const result = backend.allocate(count * m * n);
  const shape = [...outer, m, n];
  if (result.length === 0 || k === 0) return backend.tensorOf(result.fill(0), shape);
  const flags: Flags = { blas: backend.blas, transposeA, transposeB };
  if (bValues.length === k * n && !transposeA && aValues.length === count * m * k) {
    multiply(flags, count * m, n, k, aValues, 0, bValues, 0, result, 0);
  } else {
    const startsA = starts(a.shape.slice(0, -2), outer, m * k);
    const startsB = starts(b.shape.slice(0, -2), outer, k * n);
    for (let i = 0; i < count; i++)
      multiply(flags, m, n, k, aValues, startsA[i]!, bValues, startsB[i]!, result, i * m * n);
  }
  return backend.tensorOf(result, shape);
}

interface Flags {
  readonly blas: Blas;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

function multiply(
  { blas, transposeA, transposeB }: Flags,
  m: number,
  n: number,
  k: number,
  a: Float32Array,
  startA: number,
  b: Float32Array,
  startB: number,
  c: Float32Array,
  startC: number,
): void {
  const lda = transposeA ? m : k;
  const ldb = transposeB ? k : n;
  blas.sgemm(transposeA, transposeB, m, n, k, 1, a, startA, lda, b, startB, ldb, 0, c, startC, n);
}

/** Where the matrix of each index of the broadcast leading axes starts. */
function starts(own: readonly number[], outer: readonly number[], size: number): Float64Array {
  const result = new Float64Array(sizeOf(outer));
  const offset = outer.length - own.length;
  for (let i = 0; i < result.length; i++) {
    let rest = i;
    let start = 0;
    let stride = size;
    for (let axis = outer.length - 1; axis >= offset; axis--) {
      const length = own[axis - offset]!;
      if (length > 1) start += (rest % outer[axis]!) * stride;
      stride *= length;
      rest = Math.floor(rest / outer[axis]!);
    }
    result[i] = start;
  }
  return result;
}
