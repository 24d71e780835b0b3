import { backend_util } from "@tensorflow/tfjs-core";

/**
 * How two arrays lie under their common shape, with as few axes as possible: axes of length 1 are gone, and
 * neighbors that both arrays walk through evenly are one. A step of 0 repeats the same number.
 */
export interface Layout {
  /** The common shape, as TensorFlow.js means it. */
  readonly shape: number[];
  /** How many numbers it has. */
  readonly size: number;
  /** Lengths of the axes that are left, the innermost last; at least one. */
  readonly lengths: readonly number[];
  /** How far the first array moves along each of them. */
  readonly stepsA: readonly number[];
  /** How far the second array moves along each of them. */
  readonly stepsB: readonly number[];
}

/** The layout of two shapes that broadcast against each other; throws as TensorFlow.js does where they don't. */
export function layoutOf(a: readonly number[], b: readonly number[]): Layout {
  const shape = backend_util.assertAndGetBroadcastShape([...a], [...b]);
  const ownA = stepsOf(a, shape);
  const ownB = stepsOf(b, shape);
  const lengths: number[] = [];
  const stepsA: number[] = [];
  const stepsB: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis]!;
    if (length === 1) continue;
    const inner = lengths[0];
    if (inner !== undefined && ownA[axis] === stepsA[0]! * inner && ownB[axis] === stepsB[0]! * inner) {
      lengths[0] = inner * length;
    } else {
      lengths.unshift(length);
      stepsA.unshift(ownA[axis]!);
      stepsB.unshift(ownB[axis]!);
    }
  }
  const size = shape.reduce((product, each) => product * each, 1);
  if (lengths.length === 0) return { shape, size, lengths: [1], stepsA: [0], stepsB: [0] };
  return { shape, size, lengths, stepsA, stepsB };
}

/** How far an array moves along each axis of the common shape. */
function stepsOf(own: readonly number[], shape: readonly number[]): number[] {
  const steps = new Array<number>(shape.length).fill(0);
  const offset = shape.length - own.length;
  let step = 1;
  for (let axis = shape.length - 1; axis >= offset; axis--) {
    const length = own[axis - offset]!;
    if (length !== 1) steps[axis] = step;
    step *= length;
  }
  return steps;
}

/** Whether both arrays have the common shape, so that number i meets number i. */
export const isFlat = ({ lengths, stepsA, stepsB }: Layout): boolean =>
  lengths.length === 1 && stepsA[0] === 1 && stepsB[0] === 1;

/**
 * Calls `run(atA, atB, at)` at the start of every innermost line: where it begins in both arrays and in the result.
 */
export function forEachLine(layout: Layout, run: (atA: number, atB: number, at: number) => void): void {
  const { size, lengths, stepsA, stepsB } = layout;
  const inner = lengths[lengths.length - 1]!;
  const index = new Array<number>(lengths.length - 1).fill(0);
  let atA = 0;
  let atB = 0;
  for (let at = 0; at < size; at += inner) {
    run(atA, atB, at);
    for (let axis = index.length - 1; axis >= 0; axis--) {
      atA += stepsA[axis]!;
      atB += stepsB[axis]!;
      if (++index[axis]! < lengths[axis]!) break;
      atA -= stepsA[axis]! * lengths[axis]!;
      atB -= stepsB[axis]! * lengths[axis]!;
      index[axis] = 0;
    }
  }
}
