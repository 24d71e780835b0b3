// The transforms of Winograd's minimal filtering F(2 × 2, 3 × 3) (Lavin and Gray, arXiv 1509.09308), in AssemblyScript, for four channels
// at a time. Each is a matrix applied along both axes of a tile. Pixels are [channels], a multiple of 4 of them; images hold the whole of
// every tile; what is transformed is [16, tiles, channels], its 16 positions `stride` bytes apart.

/** One line of four positions, (1 0 −1 0; 0 1 1 0; 0 −1 1 0; 0 1 0 −1) times the four columns. */
// @ts-expect-error: decorator
@inline
function storeInputLine(to: usize, stride: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, f32x4.sub(a, c));
  v128.store(to + stride, f32x4.add(b, c));
  v128.store(to + 2 * stride, f32x4.sub(c, b));
  v128.store(to + 3 * stride, f32x4.sub(b, d));
}

/** That of the difference of two lines of pixels. */
// @ts-expect-error: decorator
@inline
function storeDifference(to: usize, stride: usize, p: usize, q: usize, pixel: usize): void {
  const a = f32x4.sub(v128.load(p), v128.load(q));
  const b = f32x4.sub(v128.load(p + pixel), v128.load(q + pixel));
  const c = f32x4.sub(v128.load(p + 2 * pixel), v128.load(q + 2 * pixel));
  const d = f32x4.sub(v128.load(p + 3 * pixel), v128.load(q + 3 * pixel));
  storeInputLine(to, stride, a, b, c, d);
}

/** That of the sum of two lines of pixels. */
// @ts-expect-error: decorator
@inline
function storeSum(to: usize, stride: usize, p: usize, q: usize, pixel: usize): void {
  const a = f32x4.add(v128.load(p), v128.load(q));
  const b = f32x4.add(v128.load(p + pixel), v128.load(q + pixel));
  const c = f32x4.add(v128.load(p + 2 * pixel), v128.load(q + 2 * pixel));
  const d = f32x4.add(v128.load(p + 3 * pixel), v128.load(q + 3 * pixel));
  storeInputLine(to, stride, a, b, c, d);
}

/** Bᵀ d B of tiles of 4 × 4 pixels, 2 apart: x is [images, 2 lines + 2, 2 columns + 2, channels] for `lines` × `columns` tiles. */
export function transformInput(
  x: usize,
  images: u32,
  lines: u32,
  columns: u32,
  channels: u32,
  out: usize,
  stride: usize,
): void {
  const pixel: usize = channels << 2;
  const line: usize = (2 * columns + 2) * pixel;
  for (let image: u32 = 0; image < images; image++, x += 2 * line) {
    for (let i: u32 = 0; i < lines; i++, x += 2 * line) {
      for (let j: u32 = 0; j < columns; j++) {
        let a: usize = x + 2 * j * pixel;
        for (const end: usize = a + pixel; a < end; a += 16, out += 16) {
          const b = a + line;
          const c = b + line;
          storeDifference(out, stride, a, c, pixel);
          storeSum(out + 4 * stride, stride, b, c, pixel);
          storeDifference(out + 8 * stride, stride, c, b, pixel);
          storeDifference(out + 12 * stride, stride, b, c + line, pixel);
        }
      }
    }
  }
}

/** The sum of three numbers. */
// @ts-expect-error: decorator
@inline
function sum(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.add(a, b), c);
}

/** The first less the other two. */
// @ts-expect-error: decorator
@inline
function less(a: v128, b: v128, c: v128): v128 {
  return f32x4.sub(f32x4.sub(a, b), c);
}

/** Aᵀ m A of `lines` lines of tiles, Aᵀ = (1 1 1 0; 0 1 −1 −1): y is [2 lines, 2 columns, channels]. Whether all of it is finite. */
export function transformOutput(
  m: usize,
  stride: usize,
  lines: u32,
  columns: u32,
  channels: u32,
  y: usize,
): bool {
  const pixel: usize = channels << 2;
  const line: usize = 2 * columns * pixel;
  const zero = f32x4.splat(0);
  let check = zero;
  for (let i: u32 = 0; i < lines; i++, y += 2 * line) {
    for (let j: u32 = 0; j < columns; j++) {
      let to: usize = y + 2 * j * pixel;
      for (const end: usize = to + pixel; to < end; to += 16, m += 16) {
        let b = v128.load(m + stride);
        let c = v128.load(m + 2 * stride);
        let topLeft = sum(v128.load(m), b, c);
        let topRight = less(b, c, v128.load(m + 3 * stride));
        b = v128.load(m + 5 * stride);
        c = v128.load(m + 6 * stride);
        let left = sum(v128.load(m + 4 * stride), b, c);
        let right = less(b, c, v128.load(m + 7 * stride));
        topLeft = f32x4.add(topLeft, left);
        topRight = f32x4.add(topRight, right);
        b = v128.load(m + 9 * stride);
        c = v128.load(m + 10 * stride);
        const left2 = sum(v128.load(m + 8 * stride), b, c);
        const right2 = less(b, c, v128.load(m + 11 * stride));
        topLeft = f32x4.add(topLeft, left2);
        topRight = f32x4.add(topRight, right2);
        b = v128.load(m + 13 * stride);
        c = v128.load(m + 14 * stride);
        left = less(left, left2, sum(v128.load(m + 12 * stride), b, c));
        right = less(right, right2, less(b, c, v128.load(m + 15 * stride)));
        v128.store(to, topLeft);
        v128.store(to + pixel, topRight);
        v128.store(to + line, left);
        v128.store(to + line + pixel, right);
        const all = f32x4.add(f32x4.add(topLeft, topRight), f32x4.add(left, right));
        check = f32x4.add(check, f32x4.mul(all, zero));
      }
    }
  }
  return isZero(check);
}

/** Whether all four are 0: 0 times a number is, and 0 times NaN or an infinity is NaN. */
// @ts-expect-error: decorator
@inline
function isZero(check: v128): bool {
  return !v128.any_true(f32x4.ne(check, f32x4.splat(0)));
}

/** A dy Aᵀ of tiles of 2 × 2 pixels: dy is [2 lines, 2 columns, channels]. */
export function transformSlope(
  dy: usize,
  lines: u32,
  columns: u32,
  channels: u32,
  out: usize,
  stride: usize,
): void {
  const pixel: usize = channels << 2;
  const line: usize = 2 * columns * pixel;
  for (let i: u32 = 0; i < lines; i++, dy += 2 * line) {
    for (let j: u32 = 0; j < columns; j++) {
      let at: usize = dy + 2 * j * pixel;
      for (const end: usize = at + pixel; at < end; at += 16, out += 16) {
        const a = v128.load(at);
        const b = v128.load(at + pixel);
        const c = v128.load(at + line);
        const d = v128.load(at + line + pixel);
        storeSlopeLine(out, stride, a, b);
        storeSlopeLine(out + 4 * stride, stride, f32x4.add(a, c), f32x4.add(b, d));
        storeSlopeLine(out + 8 * stride, stride, f32x4.sub(a, c), f32x4.sub(b, d));
        storeSlopeLine(out + 12 * stride, stride, f32x4.neg(c), f32x4.neg(d));
      }
    }
  }
}

/** One line of four positions, A times the two columns. */
// @ts-expect-error: decorator
@inline
function storeSlopeLine(to: usize, stride: usize, a: v128, b: v128): void {
  v128.store(to, a);
  v128.store(to + stride, f32x4.add(a, b));
  v128.store(to + 2 * stride, f32x4.sub(a, b));
  v128.store(to + 3 * stride, f32x4.neg(b));
}

/** One line of four positions, G times the three columns. */
// @ts-expect-error: decorator
@inline
function storeFilterLine(to: usize, stride: usize, a: v128, b: v128, c: v128): void {
  const half = f32x4.splat(0.5);
  const ends = f32x4.mul(f32x4.add(a, c), half);
  const middle = f32x4.mul(b, half);
  v128.store(to, a);
  v128.store(to + stride, f32x4.add(ends, middle));
  v128.store(to + 2 * stride, f32x4.sub(ends, middle));
  v128.store(to + 3 * stride, c);
}

/** G g Gᵀ of n filters, G = (1 0 0; ½ ½ ½; ½ −½ ½; 0 0 1): taps are [9, n], n a multiple of 4. */
export function transformFilter(taps: usize, n: u32, out: usize, stride: usize): void {
  const tap: usize = n << 2;
  const half = f32x4.splat(0.5);
  for (const end: usize = taps + tap; taps < end; taps += 16, out += 16) {
    const a0 = v128.load(taps);
    const b0 = v128.load(taps + tap);
    const c0 = v128.load(taps + 2 * tap);
    storeFilterLine(out, stride, a0, b0, c0);
    const a1 = f32x4.mul(v128.load(taps + 3 * tap), half);
    const b1 = f32x4.mul(v128.load(taps + 4 * tap), half);
    const c1 = f32x4.mul(v128.load(taps + 5 * tap), half);
    const a2 = v128.load(taps + 6 * tap);
    const b2 = v128.load(taps + 7 * tap);
    const c2 = v128.load(taps + 8 * tap);
    const a = f32x4.mul(f32x4.add(a0, a2), half);
    const b = f32x4.mul(f32x4.add(b0, b2), half);
    const c = f32x4.mul(f32x4.add(c0, c2), half);
    storeFilterLine(out + 4 * stride, stride, f32x4.add(a, a1), f32x4.add(b, b1), f32x4.add(c, c1));
    storeFilterLine(out + 8 * stride, stride, f32x4.sub(a, a1), f32x4.sub(b, b1), f32x4.sub(c, c1));
    storeFilterLine(out + 12 * stride, stride, a2, b2, c2);
  }
}

/** Column 0, 1 or 2 of one line of p G. */
// @ts-expect-error: decorator
@inline
function filterSlope(p: usize, stride: usize, column: u32): v128 {
  const half = f32x4.splat(0.5);
  const b = v128.load(p + stride);
  const c = v128.load(p + 2 * stride);
  if (column == 1) return f32x4.mul(f32x4.sub(b, c), half);
  return f32x4.add(v128.load(p + (column == 0 ? 0 : 3 * stride)), f32x4.mul(f32x4.add(b, c), half));
}

/** One column of Gᵀ p G: three taps, 0 times whose numbers is the result. */
// @ts-expect-error: decorator
@inline
function storeFilterSlope(p: usize, stride: usize, column: u32, taps: usize, tap: usize): v128 {
  const half = f32x4.splat(0.5);
  const b = filterSlope(p + 4 * stride, stride, column);
  const c = filterSlope(p + 8 * stride, stride, column);
  const ends = f32x4.mul(f32x4.add(b, c), half);
  const top = f32x4.add(filterSlope(p, stride, column), ends);
  const middle = f32x4.mul(f32x4.sub(b, c), half);
  const low = f32x4.add(ends, filterSlope(p + 12 * stride, stride, column));
  v128.store(taps + column * tap, top);
  v128.store(taps + (3 + column) * tap, middle);
  v128.store(taps + (6 + column) * tap, low);
  return f32x4.mul(sum(top, middle, low), f32x4.splat(0));
}

/** Gᵀ p G of n filters: taps are [9, n]. Whether all of them are finite. */
export function transformFilterSlope(p: usize, stride: usize, n: u32, taps: usize): bool {
  const tap: usize = n << 2;
  let check = f32x4.splat(0);
  for (const end: usize = taps + tap; taps < end; taps += 16, p += 16) {
    const left = storeFilterSlope(p, stride, 0, taps, tap);
    const middle = storeFilterSlope(p, stride, 1, taps, tap);
    check = f32x4.add(check, sum(left, middle, storeFilterSlope(p, stride, 2, taps, tap)));
  }
  return isZero(check);
}
