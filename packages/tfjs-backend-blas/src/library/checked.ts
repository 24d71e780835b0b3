import { BlasError } from "../error.js";

/**
 * The functions as the library exports them (C interface, 32-bit integers). They trust their arguments blindly,
 * so {@link Blas} is the only caller.
 */
export interface RawBlas {
  readonly sgemm: (
    order: number,
    transA: number,
    transB: number,
    m: number,
    n: number,
    k: number,
    alpha: number,
    a: Float32Array,
    lda: number,
    b: Float32Array,
    ldb: number,
    beta: number,
    c: Float32Array,
    ldc: number,
  ) => void;
  readonly saxpy: (
    n: number,
    alpha: number,
    x: Float32Array,
    incX: number,
    y: Float32Array,
    incY: number,
  ) => void;
  readonly sscal: (n: number, alpha: number, x: Float32Array, incX: number) => void;
  readonly saxpby?:
    | ((
        n: number,
        alpha: number,
        x: Float32Array,
        incX: number,
        beta: number,
        y: Float32Array,
        incY: number,
      ) => void)
    | undefined;
}

const ROW_MAJOR = 101;
const NO_TRANS = 111;
const TRANS = 112;
const INT32_MAX = 0x7fffffff;

/** The true length and kind of a typed array, whatever properties somebody has put over them. */
const typedArray = Object.getPrototypeOf(Float32Array.prototype) as object;
const kindOf = Object.getOwnPropertyDescriptor(typedArray, Symbol.toStringTag)!.get!;
const lengthOf = Object.getOwnPropertyDescriptor(typedArray, "length")!.get!;

function refuse(what: string): never {
  throw new BlasError(
    "blas/out-of-bounds",
    `A call of the BLAS library was refused: ${what}.`,
    "Nothing was read or written. Check the shapes, leading dimensions and offsets handed in.",
  );
}

function checkCount(name: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value <= INT32_MAX))
    refuse(`${name} is ${value}, not an integer from 0 to 2³¹ − 1`);
}

function checkScalar(name: string, value: number): void {
  if (typeof value !== "number") refuse(`${name} is no number`);
}

/** A matrix of `rows` lines of `columns` numbers, `stride` apart, from `offset` on, lies inside `array`. */
function checkExtent(
  name: string,
  array: Float32Array,
  offset: number,
  rows: number,
  columns: number,
  stride: number,
): void {
  if (typeof array !== "object" || kindOf.call(array) !== "Float32Array")
    refuse(`${name} is no Float32Array`);
  const length = lengthOf.call(array) as number;
  if (!(Number.isSafeInteger(offset) && offset >= 0)) refuse(`the offset of ${name} is ${offset}`);
  if (!(Number.isInteger(stride) && stride >= 1 && stride >= columns && stride <= INT32_MAX))
    refuse(`lines of ${name} are ${columns} long, but ${stride} apart`);
  if (rows > 0 && columns > 0 && !(offset + (rows - 1) * stride + columns <= length))
    refuse(
      `${name} needs ${rows} × ${columns} numbers ${stride} apart from ${offset} on, but has ${length} in all`,
    );
}

/** Where the numbers from `offset` to `offset + extent` overlap those of the other, in one and the same memory. */
function overlap(
  x: Float32Array,
  offsetX: number,
  extentX: number,
  y: Float32Array,
  offsetY: number,
  extentY: number,
): boolean {
  if (x.buffer !== y.buffer) return false;
  const startX = x.byteOffset + 4 * offsetX;
  const startY = y.byteOffset + 4 * offsetY;
  return startX < startY + 4 * extentY && startY < startX + 4 * extentX;
}

/**
 * The array from `offset` on. A view costs about 40 ns, so a whole array goes through as it is; an address kept
 * from an earlier call would be cheaper still, but could point to memory that has been moved or freed.
 */
const from = (array: Float32Array, offset: number): Float32Array =>
  offset === 0 ? array : array.subarray(offset);

/**
 * The BLAS functions, checked: the only place where an address leaves JavaScript. Each operand is a `Float32Array`
 * that holds everything the call reads or writes, results overlap nothing they must not, else
 * `BlasError("blas/out-of-bounds")` is thrown and nothing is called. Matrices are stored row by row; offsets and
 * leading dimensions count numbers, not bytes.
 */
export class Blas {
  /** @param raw the library's functions */
  constructor(private readonly raw: RawBlas) {}

  /**
   * `C = alpha · op(A) · op(B) + beta · C`, where `op` transposes if its flag is set.
   *
   * `op(A)` is `m × k`, `op(B)` is `k × n`, `C` is `m × n`. A transposed `A` is stored as `k × m` with lines `lda`
   * apart. With `beta = 0` whatever `C` held is ignored, NaN included.
   */
  sgemm(
    transA: boolean,
    transB: boolean,
    m: number,
    n: number,
    k: number,
    alpha: number,
    A: Float32Array,
    offsetA: number,
    lda: number,
    B: Float32Array,
    offsetB: number,
    ldb: number,
    beta: number,
    C: Float32Array,
    offsetC: number,
    ldc: number,
  ): void {
    checkCount("m", m);
    checkCount("n", n);
    checkCount("k", k);
    checkScalar("alpha", alpha);
    checkScalar("beta", beta);
    const rowsA = transA ? k : m;
    const columnsA = transA ? m : k;
    const rowsB = transB ? n : k;
    const columnsB = transB ? k : n;
    checkExtent("A", A, offsetA, rowsA, columnsA, lda);
    checkExtent("B", B, offsetB, rowsB, columnsB, ldb);
    checkExtent("C", C, offsetC, m, n, ldc);
    if (m === 0 || n === 0) return;
    if (k === 0) {
      for (let row = 0; row < m; row++) {
        for (let at = offsetC + row * ldc, end = at + n; at < end; at++)
          C[at] = beta === 0 ? 0 : C[at]! * beta;
      }
      return;
    }
    const extentC = (m - 1) * ldc + n;
    if (overlap(A, offsetA, (rowsA - 1) * lda + columnsA, C, offsetC, extentC)) refuse("A and C overlap");
    if (overlap(B, offsetB, (rowsB - 1) * ldb + columnsB, C, offsetC, extentC)) refuse("B and C overlap");
    this.raw.sgemm(
      ROW_MAJOR,
      transA ? TRANS : NO_TRANS,
      transB ? TRANS : NO_TRANS,
      m,
      n,
      k,
      alpha,
      from(A, offsetA),
      lda,
      from(B, offsetB),
      ldb,
      beta,
      from(C, offsetC),
      ldc,
    );
  }

  /** `y += alpha · x` over `n` numbers. `x` and `y` may be the same numbers, but not overlap in part. */
  saxpy(n: number, alpha: number, x: Float32Array, offsetX: number, y: Float32Array, offsetY: number): void {
    checkScalar("alpha", alpha);
    if (!this.checkPair(n, x, offsetX, y, offsetY)) return;
    this.raw.saxpy(n, alpha, from(x, offsetX), 1, from(y, offsetY), 1);
  }

  /**
   * `y = alpha · x + beta · y` over `n` numbers, in two passes where the library has no such function.
   * `x` and `y` must not overlap.
   */
  saxpby(
    n: number,
    alpha: number,
    x: Float32Array,
    offsetX: number,
    beta: number,
    y: Float32Array,
    offsetY: number,
  ): void {
    checkScalar("alpha", alpha);
    checkScalar("beta", beta);
    if (!this.checkPair(n, x, offsetX, y, offsetY)) return;
    if (overlap(x, offsetX, n, y, offsetY, n)) refuse("x and y overlap");
    if (this.raw.saxpby !== undefined) {
      this.raw.saxpby(n, alpha, from(x, offsetX), 1, beta, from(y, offsetY), 1);
    } else {
      this.raw.sscal(n, beta, from(y, offsetY), 1);
      this.raw.saxpy(n, alpha, from(x, offsetX), 1, from(y, offsetY), 1);
    }
  }

  /** `x = alpha · x` over `n` numbers. With `alpha = 0`, NaN and infinities may or may not become 0. */
  sscal(n: number, alpha: number, x: Float32Array, offsetX: number): void {
    checkCount("n", n);
    checkScalar("alpha", alpha);
    checkExtent("x", x, offsetX, 1, n, n === 0 ? 1 : n);
    if (n > 0) this.raw.sscal(n, alpha, from(x, offsetX), 1);
  }

  /** Checks two vectors of `n` numbers; says whether there is anything to do. */
  private checkPair(n: number, x: Float32Array, offsetX: number, y: Float32Array, offsetY: number): boolean {
    checkCount("n", n);
    checkExtent("x", x, offsetX, 1, n, n === 0 ? 1 : n);
    checkExtent("y", y, offsetY, 1, n, n === 0 ? 1 : n);
    if (n === 0) return false;
    const same = x.byteOffset + 4 * offsetX === y.byteOffset + 4 * offsetY;
    if (!same && overlap(x, offsetX, n, y, offsetY, n)) refuse("x and y overlap in part");
    return true;
  }
}
