// Kernels for the wasm backend, in AssemblyScript: they work in the memory of TensorFlow.js's own module. Matrices are given by
// an address and two strides, in numbers, so that a transposed operand costs nothing. Compiled by scripts/build-kernels.mjs.

/** Rows and columns of the block of results that is held in registers: 8 vectors of sums, 2 of B, the rest for A. */
const ROWS: u32 = 4;
const COLUMNS: u32 = 8;

/** How many numbers of A and of B are packed at a time: they stay in the second and in the last cache. */
const A_NUMBERS: u32 = 1 << 16;
const B_NUMBERS: u32 = 1 << 20;

// @ts-expect-error: decorator
@inline
function roundUp(value: u32, step: u32): u32 {
  return ((value + step - 1) / step) * step;
}

/** Rows of A that are packed at a time. */
// @ts-expect-error: decorator
@inline
function rowBlock(m: u32, k: u32): u32 {
  return min(roundUp(m, ROWS), max(ROWS, (A_NUMBERS / max(k, 1) / ROWS) * ROWS));
}

/** Columns of B that are packed at a time. */
// @ts-expect-error: decorator
@inline
function columnBlock(n: u32, k: u32): u32 {
  return min(roundUp(n, COLUMNS), max(COLUMNS, (B_NUMBERS / max(k, 1) / COLUMNS) * COLUMNS));
}

/** Bytes that `multiply` needs to pack into. */
export function scratchBytes(m: u32, n: u32, k: u32): u32 {
  return (rowBlock(m, k) * k + columnBlock(n, k) * k + ROWS * COLUMNS) << 2;
}

/** Packs rows of A in panels of 4: for each index of the inner axis, the 4 numbers of a panel; rows beyond the last are 0. */
function packA(a: usize, row: u32, column: u32, rows: u32, k: u32, out: usize): void {
  let to = out;
  for (let i: u32 = 0; i < rows; i += ROWS) {
    const panel = a + ((i * row) << 2);
    const valid = min(ROWS, rows - i);
    if (valid == ROWS && row == 1) {
      for (let j: u32 = 0; j < k; j++, to += 16) v128.store(to, v128.load(panel + ((j * column) << 2)));
    } else if (valid == ROWS) {
      const step = column << 2;
      const r = row << 2;
      let from = panel;
      for (let j: u32 = 0; j < k; j++, to += 16, from += step) {
        store<f32>(to, load<f32>(from));
        store<f32>(to, load<f32>(from + r), 4);
        store<f32>(to, load<f32>(from + 2 * r), 8);
        store<f32>(to, load<f32>(from + 3 * r), 12);
      }
    } else {
      for (let j: u32 = 0; j < k; j++, to += 16)
        for (let r: u32 = 0; r < ROWS; r++)
          store<f32>(to + (r << 2), r < valid ? load<f32>(panel + ((r * row + j * column) << 2)) : 0);
    }
  }
}

/** Packs columns of B in panels of 8: for each index of the inner axis, the 8 numbers of a panel; columns beyond the last are 0. */
function packB(b: usize, row: u32, column: u32, columns: u32, k: u32, out: usize): void {
  let to = out;
  for (let j: u32 = 0; j < columns; j += COLUMNS) {
    const panel = b + ((j * column) << 2);
    const valid = min(COLUMNS, columns - j);
    if (valid == COLUMNS && column == 1) {
      let from = panel;
      for (let i: u32 = 0; i < k; i++, to += 32, from += row << 2) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      }
    } else {
      for (let i: u32 = 0; i < k; i++, to += 32)
        for (let c: u32 = 0; c < COLUMNS; c++)
          store<f32>(to + (c << 2), c < valid ? load<f32>(panel + ((i * row + c * column) << 2)) : 0);
    }
  }
}

// @ts-expect-error: decorator
@inline
function finish(sum: v128, bias: v128, relu: bool): v128 {
  const shifted = f32x4.add(sum, bias);
  return relu ? f32x4.max(shifted, f32x4.splat(0)) : shifted;
}

/** Stores one row of a block, or the first of its 8 numbers; or adds it to what is there. */
// @ts-expect-error: decorator
@inline
function storeRow(to: usize, left: v128, right: v128, columns: u32, spare: usize, add: bool): void {
  if (columns == COLUMNS) {
    v128.store(to, add ? f32x4.add(v128.load(to), left) : left);
    v128.store(to, add ? f32x4.add(v128.load(to, 16), right) : right, 16);
    return;
  }
  v128.store(spare, left);
  v128.store(spare, right, 16);
  if (add) {
    for (let at: usize = 0, end: usize = columns << 2; at < end; at += 4)
      store<f32>(to + at, load<f32>(to + at) + load<f32>(spare + at));
  } else memory.copy(to, spare, columns << 2);
}

/**
 * C = relu?(A · B + bias?), or C + that where `add` is set: A is m × k, B is k × n, C is m × n, row by row; bias has n numbers, or
 * address 0. Sums run along the inner axis in order, whatever the size, and are rounded as single precision rounds.
 */
export function multiply(
  m: u32,
  n: u32,
  k: u32,
  a: usize,
  rowA: u32,
  columnA: u32,
  b: usize,
  rowB: u32,
  columnB: u32,
  c: usize,
  bias: usize,
  relu: bool,
  add: bool,
  scratch: usize,
): void {
  const rowsAtOnce = rowBlock(m, k);
  const columnsAtOnce = columnBlock(n, k);
  const packedA = scratch;
  const packedB = packedA + ((rowsAtOnce * k) << 2);
  const spare = packedB + ((columnsAtOnce * k) << 2);
  const zero = f32x4.splat(0);
  for (let startN: u32 = 0; startN < n; startN += columnsAtOnce) {
    const columns = min(columnsAtOnce, n - startN);
    packB(b + ((startN * columnB) << 2), rowB, columnB, columns, k, packedB);
    for (let startM: u32 = 0; startM < m; startM += rowsAtOnce) {
      const rows = min(rowsAtOnce, m - startM);
      packA(a + ((startM * rowA) << 2), rowA, columnA, rows, k, packedA);
      for (let j: u32 = 0; j < columns; j += COLUMNS) {
        const width = min(COLUMNS, columns - j);
        let biasLeft = zero;
        let biasRight = zero;
        if (bias != 0) {
          memory.fill(spare, 0, COLUMNS << 2);
          memory.copy(spare, bias + ((startN + j) << 2), width << 2);
          biasLeft = v128.load(spare);
          biasRight = v128.load(spare, 16);
        }
        for (let i: u32 = 0; i < rows; i += ROWS) {
          let x = packedA + ((i * k) << 2);
          let y = packedB + ((j * k) << 2);
          const end = y + (k << 5);
          let s00 = zero, s01 = zero, s10 = zero, s11 = zero;
          let s20 = zero, s21 = zero, s30 = zero, s31 = zero;
          while (y < end) {
            const left = v128.load(y);
            const right = v128.load(y, 16);
            const x0 = v128.load_splat<f32>(x);
            s00 = f32x4.add(s00, f32x4.mul(x0, left));
            s01 = f32x4.add(s01, f32x4.mul(x0, right));
            const x1 = v128.load_splat<f32>(x, 4);
            s10 = f32x4.add(s10, f32x4.mul(x1, left));
            s11 = f32x4.add(s11, f32x4.mul(x1, right));
            const x2 = v128.load_splat<f32>(x, 8);
            s20 = f32x4.add(s20, f32x4.mul(x2, left));
            s21 = f32x4.add(s21, f32x4.mul(x2, right));
            const x3 = v128.load_splat<f32>(x, 12);
            s30 = f32x4.add(s30, f32x4.mul(x3, left));
            s31 = f32x4.add(s31, f32x4.mul(x3, right));
            x += 16;
            y += 32;
          }
          const height = min(ROWS, rows - i);
          const line = n << 2;
          const to = c + (((startM + i) * n + startN + j) << 2);
          storeRow(to, finish(s00, biasLeft, relu), finish(s01, biasRight, relu), width, spare, add);
          if (height > 1)
            storeRow(to + line, finish(s10, biasLeft, relu), finish(s11, biasRight, relu), width, spare, add);
          if (height > 2)
            storeRow(to + 2 * line, finish(s20, biasLeft, relu), finish(s21, biasRight, relu), width, spare, add);
          if (height > 3)
            storeRow(to + 3 * line, finish(s30, biasLeft, relu), finish(s31, biasRight, relu), width, spare, add);
        }
      }
    }
  }
}

/** v ← μ v + g + λ θ, θ ← θ - η v over n numbers. */
export function momentum(value: usize, velocity: usize, gradient: usize, n: u32, mu: f32, lambda: f32, eta: f32): void {
  const mus = f32x4.splat(mu);
  const lambdas = f32x4.splat(lambda);
  const etas = f32x4.splat(eta);
  const vectors = (n >> 2) << 4;
  let at: usize = 0;
  for (; at < vectors; at += 16) {
    const theta = v128.load(value + at);
    const slope = f32x4.add(v128.load(gradient + at), f32x4.mul(lambdas, theta));
    const speed = f32x4.add(f32x4.mul(mus, v128.load(velocity + at)), slope);
    v128.store(velocity + at, speed);
    v128.store(value + at, f32x4.sub(theta, f32x4.mul(etas, speed)));
  }
  for (const end: usize = n << 2; at < end; at += 4) {
    const theta = load<f32>(value + at);
    const speed = mu * load<f32>(velocity + at) + (load<f32>(gradient + at) + lambda * theta);
    store<f32>(velocity + at, speed);
    store<f32>(value + at, theta - eta * speed);
  }
}

/** Sizes of a convolution, as 13 integers in memory: images, results, filter, then how the filter walks over the images. */
// @ts-expect-error: decorator
@unmanaged
class Geometry {
  inHeight: i32;
  inWidth: i32;
  inChannels: i32;
  outHeight: i32;
  outWidth: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  padTop: i32;
  padLeft: i32;
}

/**
 * Writes the patches that the output lines `first` to `last` (exclusive, counted through the batch) see: a row
 * [filterHeight, filterWidth, inChannels] for each pixel, zeros where it reaches over the edge.
 */
export function gatherPatches(g: Geometry, x: usize, first: i32, last: i32, patches: usize): void {
  const pixel: usize = g.inChannels << 2;
  const taps = g.filterWidth;
  const line: usize = g.inWidth * pixel;
  let to = patches;
  for (let y = first; y < last; y++) {
    const image = x + (y / g.outHeight) * g.inHeight * line;
    const top = (y % g.outHeight) * g.strideHeight - g.padTop;
    for (let column = 0; column < g.outWidth; column++) {
      const left = column * g.strideWidth - g.padLeft;
      for (let tapRow = 0; tapRow < g.filterHeight; tapRow++) {
        const row = top + tapRow * g.dilationHeight;
        if (row < 0 || row >= g.inHeight) {
          memory.fill(to, 0, taps * pixel);
          to += taps * pixel;
        } else if (g.dilationWidth == 1 && left >= 0 && left + taps <= g.inWidth) {
          memory.copy(to, image + row * line + left * pixel, taps * pixel);
          to += taps * pixel;
        } else {
          for (let tap = 0; tap < taps; tap++, to += pixel) {
            const at = left + tap * g.dilationWidth;
            if (at < 0 || at >= g.inWidth) memory.fill(to, 0, pixel);
            else memory.copy(to, image + row * line + at * pixel, pixel);
          }
        }
      }
    }
  }
}

/** The reverse of gatherPatches: adds every patch to the places of x it was taken from. */
export function scatterPatches(g: Geometry, x: usize, first: i32, last: i32, patches: usize): void {
  const pixel: usize = g.inChannels << 2;
  const line: usize = g.inWidth * pixel;
  let from = patches;
  for (let y = first; y < last; y++) {
    const image = x + (y / g.outHeight) * g.inHeight * line;
    const top = (y % g.outHeight) * g.strideHeight - g.padTop;
    for (let column = 0; column < g.outWidth; column++) {
      const left = column * g.strideWidth - g.padLeft;
      for (let tapRow = 0; tapRow < g.filterHeight; tapRow++) {
        const row = top + tapRow * g.dilationHeight;
        for (let tap = 0; tap < g.filterWidth; tap++, from += pixel) {
          const at = left + tap * g.dilationWidth;
          if (row < 0 || row >= g.inHeight || at < 0 || at >= g.inWidth) continue;
          const to = image + row * line + at * pixel;
          let c: usize = 0;
          for (const vectors = pixel & ~15; c < vectors; c += 16)
            v128.store(to + c, f32x4.add(v128.load(to + c), v128.load(from + c)));
          for (; c < pixel; c += 4) store<f32>(to + c, load<f32>(to + c) + load<f32>(from + c));
        }
      }
    }
  }
}

/** [taps, inputs, outputs] with the taps in reverse order and the channels exchanged: the filter of a convolution's way back. */
export function turnFilter(taps: u32, inputs: u32, outputs: u32, filter: usize, to: usize): void {
  const size: usize = inputs * outputs;
  for (let tap: u32 = 0; tap < taps; tap++) {
    const from = filter + (((taps - 1 - tap) * size) << 2);
    for (let o: u32 = 0; o < outputs; o++)
      for (let i: u32 = 0; i < inputs; i++, to += 4) store<f32>(to, load<f32>(from + ((i * outputs + o) << 2)));
  }
}
