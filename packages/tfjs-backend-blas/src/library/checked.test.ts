import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { BlasError } from "../error.js";
import { expectClose, numbers } from "../testing/compare.js";
import { describeWithBlas, machineBlas } from "../testing/with-blas.js";
import { Blas, type RawBlas } from "./checked.js";

/** Functions that only note that they were called. */
const recorder = () =>
  ({ sgemm: vi.fn(), saxpy: vi.fn(), sscal: vi.fn(), saxpby: vi.fn() }) satisfies RawBlas;

const codeOf = (call: () => void): string => {
  try {
    call();
  } catch (error) {
    return error instanceof BlasError ? error.code : String(error);
  }
  return "no error";
};

/** Numbers of the kind that go wrong: small, too large, negative, broken, no numbers at all. */
const wild = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 12 }) },
  fc.constantFrom(-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 32 + 1, 2 ** 53, -0, 1e300),
  fc.constantFrom<unknown>(undefined, null, "3", 3n) as fc.Arbitrary<number>,
);
const wildArray = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 80 }).map((size) => new Float32Array(size)) },
  fc.constantFrom<unknown>(
    undefined,
    null,
    {},
    [1, 2, 3],
    new Float64Array(80),
    new Int32Array(80),
    new ArrayBuffer(320),
    { length: 80, buffer: new ArrayBuffer(320), byteOffset: 0 },
    Object.create(Float32Array.prototype),
    new Proxy(new Float32Array(80), {}),
  ) as fc.Arbitrary<Float32Array>,
);

/** Whether all of a matrix lies in its array, written down once more from the definition: every single index. */
function fits(array: unknown, offset: number, rows: number, columns: number, stride: number): boolean {
  if (Object.prototype.toString.call(array) !== "[object Float32Array]" || !ArrayBuffer.isView(array))
    return false;
  if (!(Number.isSafeInteger(offset) && offset >= 0 && isCount(stride) && stride >= Math.max(1, columns)))
    return false;
  const { length } = array as Float32Array;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (offset + row * stride + column >= length) return false;
    }
  }
  return true;
}

const isCount = (value: unknown) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;

const call = fc.record({
  transA: fc.boolean(),
  transB: fc.boolean(),
  m: wild,
  n: wild,
  k: wild,
  A: wildArray,
  offsetA: wild,
  lda: wild,
  B: wildArray,
  offsetB: wild,
  ldb: wild,
  C: wildArray,
  offsetC: wild,
  ldc: wild,
});

/** Whether the definition allows a call; sizes beyond 100 fit no array here. */
function allowed(c: typeof call extends fc.Arbitrary<infer T> ? T : never): boolean {
  if (![c.m, c.n, c.k].every(isCount)) return false;
  const big = [c.m, c.n, c.k].some((each) => each > 100);
  if (big && c.m * c.n > 0) return false;
  const [rowsA, columnsA] = c.transA ? [c.k, c.m] : [c.m, c.k];
  const [rowsB, columnsB] = c.transB ? [c.n, c.k] : [c.k, c.n];
  return (
    !big &&
    fits(c.A, c.offsetA, rowsA, columnsA, c.lda) &&
    fits(c.B, c.offsetB, rowsB, columnsB, c.ldb) &&
    fits(c.C, c.offsetC, c.m, c.n, c.ldc)
  );
}

function sgemm(blas: Blas, c: typeof call extends fc.Arbitrary<infer T> ? T : never): void {
  blas.sgemm(
    c.transA,
    c.transB,
    c.m,
    c.n,
    c.k,
    1,
    c.A,
    c.offsetA,
    c.lda,
    c.B,
    c.offsetB,
    c.ldb,
    0,
    c.C,
    c.offsetC,
    c.ldc,
  );
}

it("a product reaches the library only if every index of its operands lies in its array", () => {
  fc.assert(
    fc.property(call, (c) => {
      const raw = recorder();
      const code = codeOf(() => sgemm(new Blas(raw), c));
      if (allowed(c)) expect(code).toBe("no error");
      else if (![c.m, c.n, c.k].some((each) => each > 100)) {
        expect(code).toBe("blas/out-of-bounds");
        expect(raw.sgemm).not.toHaveBeenCalled();
      } else if (raw.sgemm.mock.calls.length > 0) expect.fail("called with sizes that fit nothing");
    }),
    { numRuns: 3000 },
  );
});

it("sums and scalings reach the library only if their vectors lie in their arrays", () => {
  fc.assert(
    fc.property(wild, wildArray, wild, wildArray, wild, (n, x, offsetX, y, offsetY) => {
      const raw = recorder();
      const blas = new Blas(raw);
      const inside = isCount(n) && fits(x, offsetX, 1, n, Math.max(1, n));
      const both = inside && fits(y, offsetY, 1, n, Math.max(1, n));
      expect(codeOf(() => blas.saxpy(n, 1, x, offsetX, y, offsetY))).toBe(
        both ? "no error" : "blas/out-of-bounds",
      );
      expect(codeOf(() => blas.saxpby(n, 1, x, offsetX, 2, y, offsetY))).toBe(
        both ? "no error" : "blas/out-of-bounds",
      );
      expect(codeOf(() => blas.sscal(n, 1, x, offsetX))).toBe(inside ? "no error" : "blas/out-of-bounds");
      expect(raw.saxpy.mock.calls.length).toBe(both && n > 0 ? 1 : 0);
    }),
    { numRuns: 3000 },
  );
});

it("results that overlap what they are computed from are refused, also through other views of the memory", () => {
  const memory = new Float32Array(100);
  const late = new Float32Array(memory.buffer, 4 * 50);
  const raw = recorder();
  const blas = new Blas(raw);
  const square = (a: Float32Array, c: Float32Array, at: number) => () =>
    blas.sgemm(false, false, 5, 5, 5, 1, a, 0, 5, new Float32Array(25), 0, 5, 0, c, at, 5);
  expect(codeOf(square(memory, memory, 24))).toBe("blas/out-of-bounds");
  expect(codeOf(square(memory, memory, 25))).toBe("no error");
  expect(codeOf(square(late, memory, 30))).toBe("blas/out-of-bounds");
  expect(codeOf(square(late, memory, 25))).toBe("no error");
  expect(codeOf(() => blas.saxpy(10, 1, memory, 0, memory, 9))).toBe("blas/out-of-bounds");
  expect(codeOf(() => blas.saxpy(10, 1, memory, 50, late, 0))).toBe("no error");
  expect(codeOf(() => blas.saxpby(10, 1, memory, 50, 1, late, 0))).toBe("blas/out-of-bounds");
});

it("memory that has been given away has no length, and is refused", () => {
  const given = new Float32Array(8);
  structuredClone(given.buffer, { transfer: [given.buffer] });
  expect(codeOf(() => new Blas(recorder()).sscal(8, 1, given, 0))).toBe("blas/out-of-bounds");
});

it("a product over nothing scales what is there", () => {
  const C = new Float32Array([1, 2, 3, Number.NaN]);
  const empty = new Float32Array(0);
  const blas = new Blas(recorder());
  blas.sgemm(false, false, 1, 3, 0, 1, empty, 0, 1, empty, 0, 3, 2, C, 0, 3);
  expect([...C]).toEqual([2, 4, 6, Number.NaN]);
  blas.sgemm(false, false, 1, 4, 0, 1, empty, 0, 1, empty, 0, 4, 0, C, 0, 4);
  expect([...C]).toEqual([0, 0, 0, 0]);
});

it("scales and adds where the library has no function for both at once", () => {
  const { saxpby: _, ...raw } = recorder();
  new Blas(raw).saxpby(2, 3, new Float32Array(2), 0, 4, new Float32Array(2), 0);
  expect(raw.sscal.mock.calls[0]!.slice(0, 2)).toEqual([2, 4]);
  expect(raw.saxpy.mock.calls[0]!.slice(0, 2)).toEqual([2, 3]);
});

describeWithBlas("the library", () => {
  const { blas } = typeof machineBlas === "string" ? { blas: new Blas(recorder()) } : machineBlas;
  const size = fc.integer({ min: 1, max: 9 });

  it("computes alpha · op(A) · op(B) + beta · C in the given part of the arrays and nowhere else", () => {
    fc.assert(
      fc.property(
        fc.record({
          m: size,
          n: size,
          k: size,
          ta: fc.boolean(),
          tb: fc.boolean(),
          offset: fc.nat(5),
          gap: fc.nat(3),
        }),
        fc.constantFrom(0, 1, -0.5),
        ({ m, n, k, ta, tb, offset, gap }, beta) => {
          const lda = (ta ? m : k) + gap;
          const ldb = (tb ? k : n) + gap;
          const ldc = n + gap;
          const A = numbers(offset + 10 * lda, 1);
          const B = numbers(offset + 10 * ldb, 2);
          const C = numbers(offset + 10 * ldc, 3);
          if (beta === 0) C.fill(Number.NaN, offset, offset + n);
          const expected = Float64Array.from(C);
          for (let i = 0; i < m; i++) {
            for (let j = 0; j < n; j++) {
              let sum = 0;
              for (let l = 0; l < k; l++)
                sum +=
                  A[offset + (ta ? l * lda + i : i * lda + l)]! *
                  B[offset + (tb ? j * ldb + l : l * ldb + j)]!;
              const at = offset + i * ldc + j;
              expected[at] = 2 * sum + (beta === 0 ? 0 : beta * C[at]!);
            }
          }
          blas.sgemm(ta, tb, m, n, k, 2, A, offset, lda, B, offset, ldb, beta, C, offset, ldc);
          expectClose(C, expected);
        },
      ),
    );
  });

  it("adds and scales vectors", () => {
    const x = Float32Array.of(1, 2, 3, 4);
    const y = Float32Array.of(10, 20, 30, 40, 50);
    blas.saxpy(2, 2, x, 1, y, 3);
    expect([...y]).toEqual([10, 20, 30, 44, 56]);
    blas.saxpby(2, 2, x, 0, 0.5, y, 1);
    expect([...y]).toEqual([10, 12, 19, 44, 56]);
    blas.sscal(2, 10, y, 0);
    expect([...y]).toEqual([100, 120, 19, 44, 56]);
  });
});
