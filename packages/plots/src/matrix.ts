import { badInput } from "./plot-error.js";

/** A matrix in row-major order: element (i, j) is `values[i · columns + j]`. */
export interface Matrix {
  readonly values: ArrayLike<number>;
  readonly rows: number;
  readonly columns: number;
}

/** Least and greatest finite element; [0, 1] where none is finite, widened by 1 where all are equal. */
export function extent({ values }: Matrix): readonly [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  if (least > greatest) return [0, 1];
  return least === greatest ? [least, least + 1] : [least, greatest];
}

/** A matrix whose elements each stand for a block of another. */
export interface Pooled extends Matrix {
  /** Rows and columns of a block. */
  readonly block: readonly [number, number];
}

/**
 * Shrinks a matrix to at most `limit` rows and columns: each element of the result is the greatest finite one of a
 * block. The greatest rather than the mean, so that the few large entries of a sparse matrix stay visible.
 */
export function maxPool(matrix: Matrix, limit: number): Pooled {
  const block = [Math.ceil(matrix.rows / limit), Math.ceil(matrix.columns / limit)] as const;
  const rows = Math.ceil(matrix.rows / block[0]);
  const columns = Math.ceil(matrix.columns / block[1]);
  const values = new Float64Array(rows * columns).fill(Number.NaN);
  for (let i = 0; i < matrix.rows; i++) {
    for (let j = 0; j < matrix.columns; j++) {
      const value = matrix.values[i * matrix.columns + j] as number;
      const at = Math.floor(i / block[0]) * columns + Math.floor(j / block[1]);
      const best = values[at] as number;
      if (Number.isFinite(value) && !(best >= value)) values[at] = value;
    }
  }
  return { values, rows, columns, block };
}

/** Throws `plot/bad-input` unless the matrix has rows, columns and as many values as they make. */
export function checkMatrix({ values, rows, columns }: Matrix): void {
  const isCount = (n: number) => Number.isInteger(n) && n > 0;
  if (!isCount(rows) || !isCount(columns) || values.length !== rows * columns) {
    throw badInput(
      `A matrix of ${rows} × ${columns} comes with ${values.length} values.`,
      "Give rows and columns as positive integers, and rows · columns values, row by row.",
    );
  }
}
