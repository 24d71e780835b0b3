type Values = Float32Array | Int32Array | Uint8Array;

/** How far apart neighbors along each axis of a row-major array of this shape are. */
export function stepsOfShape(shape: readonly number[]): number[] {
  const steps = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) steps[axis] = steps[axis + 1]! * shape[axis + 1]!;
  return steps;
}

/**
 * Copies a block of numbers of any number of axes, of which `from` and `to` are walked through with steps of their
 * own: `target[to + Σ iₐ·stepsTo[a]] = source[from + Σ iₐ·stepsFrom[a]]` for all indices below `lengths`.
 */
export function copyBlock(
  lengths: readonly number[],
  source: Values,
  from: number,
  stepsFrom: readonly number[],
  target: Values,
  to: number,
  stepsTo: readonly number[],
): void {
  if (lengths.includes(0)) return;
  const axes = merged(lengths, stepsFrom, stepsTo);
  const inner = axes.pop() ?? { length: 1, from: 1, to: 1 };
  const second = axes.pop() ?? { length: 1, from: 0, to: 0 };
  const index = axes.map(() => 0);
  for (;;) {
    copyPlane(source, from, second, inner, target, to);
    let axis = axes.length - 1;
    for (; axis >= 0; axis--) {
      from += axes[axis]!.from;
      to += axes[axis]!.to;
      if (++index[axis]! < axes[axis]!.length) break;
      from -= axes[axis]!.from * axes[axis]!.length;
      to -= axes[axis]!.to * axes[axis]!.length;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

interface Axis {
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

/** The axes without those of length 1, neighbors that both sides walk through evenly made one. */
function merged(lengths: readonly number[], from: readonly number[], to: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  for (let i = lengths.length - 1; i >= 0; i--) {
    const axis = { length: lengths[i]!, from: from[i]!, to: to[i]! };
    if (axis.length === 1) continue;
    const inner = axes[0];
    if (inner !== undefined && axis.from === inner.from * inner.length && axis.to === inner.to * inner.length)
      axes[0] = { ...inner, length: inner.length * axis.length };
    else axes.unshift(axis);
  }
  return axes;
}

/** Side of the squares in which a transposition is done, so that both sides stay in the cache. */
const SQUARE = 32;

/** The two innermost axes: lines in one piece by `set`, everything else number by number, in squares. */
function copyPlane(source: Values, from: number, outer: Axis, inner: Axis, target: Values, to: number): void {
  if (inner.from === 1 && inner.to === 1 && inner.length >= 24) {
    for (let i = 0; i < outer.length; i++) {
      const start = from + i * outer.from;
      target.set(source.subarray(start, start + inner.length), to + i * outer.to);
    }
    return;
  }
  for (let top = 0; top < outer.length; top += SQUARE) {
    const bottom = Math.min(outer.length, top + SQUARE);
    for (let left = 0; left < inner.length; left += SQUARE) {
      const right = Math.min(inner.length, left + SQUARE);
      for (let i = top; i < bottom; i++) {
        let read = from + i * outer.from + left * inner.from;
        let write = to + i * outer.to + left * inner.to;
        for (let j = left; j < right; j++, read += inner.from, write += inner.to)
          target[write] = source[read]!;
      }
    }
  }
}
