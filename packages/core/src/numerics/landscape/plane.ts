import type { ArrayValue, Params } from "../../contracts/params.js";

/** A point of a plane, in units of the Euclidean distance between weights. */
export interface PlanePoint {
  readonly x: number;
  readonly y: number;
}

/** The plane through three networks A, B and C: A is its origin, B lies on the positive x axis, C above that axis. */
export interface Plane {
  /** Where A, B and C lie. */
  readonly corners: readonly [PlanePoint, PlanePoint, PlanePoint];
  /** Coefficients of A, B and C in the network at a point; they add up to 1. */
  coefficients(point: PlanePoint): [number, number, number];
  /** Foot of the perpendicular from a network to the plane, and the distance between the two. */
  project(params: Params): PlanePoint & { readonly distance: number };
}

/** Values of the named parameters, one after the other. */
function flatten(params: Params, names: readonly string[]): Float32Array {
  const values = names.map((name) => (params.get(name) as ArrayValue).data);
  const flat = new Float32Array(values.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const each of values) {
    flat.set(each, offset);
    offset += each.length;
  }
  return flat;
}

/** Σ (p - origin) (q - origin), in double precision. */
function innerProduct(p: Float32Array, q: Float32Array, origin: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < origin.length; i++) sum += (p[i] - origin[i]) * (q[i] - origin[i]);
  return sum;
}

/**
 * The plane θ(x, y) = A + x û + y v̂ with û = (B - A) / ‖B - A‖ and v̂ the normalized part of C - A that is orthogonal to û
 * (Garipov et al. 2018, arXiv 1802.10026). Networks must have the same parameters; `names` are those that distances count, all by
 * default: leave out buffers, whose values are no weights.
 *
 * @throws RangeError if the three lie on a line
 * @example
 * const plane = planeThrough(a, b, c);
 * plane.coefficients({ x: 0, y: 0 }); // [1, 0, 0]: A
 */
export function planeThrough(
  a: Params,
  b: Params,
  c: Params,
  names: readonly string[] = [...a.keys()],
): Plane {
  const [origin, right, above] = [a, b, c].map((params) => flatten(params, names));
  const width = Math.sqrt(innerProduct(right, right, origin));
  const shift = width > 0 ? innerProduct(above, right, origin) / width : Number.NaN;
  const square = innerProduct(above, above, origin);
  const height = Math.sqrt(square - shift ** 2);
  if (!(height > 1e-6 * Math.sqrt(square))) {
    throw new RangeError("Three networks on one line, two of them equal perhaps, do not span a plane.");
  }
  const coefficients = ({ x, y }: PlanePoint): [number, number, number] => {
    const ofC = y / height;
    const ofB = (x - ofC * shift) / width;
    return [1 - ofB - ofC, ofB, ofC];
  };
  return {
    corners: [
      { x: 0, y: 0 },
      { x: width, y: 0 },
      { x: shift, y: height },
    ],
    coefficients,
    project(params) {
      const point = flatten(params, names);
      const x = innerProduct(point, right, origin) / width;
      const y = (innerProduct(point, above, origin) - x * shift) / height;
      const [ofA, ofB, ofC] = coefficients({ x, y });
      let rest = 0;
      for (let i = 0; i < point.length; i++) {
        rest += (point[i] - ofA * origin[i] - ofB * right[i] - ofC * above[i]) ** 2;
      }
      return { x, y, distance: Math.sqrt(rest) };
    },
  };
}

/** Evenly spaced points of a plane. */
export interface PlaneGrid {
  /** Columns, ascending. */
  readonly x: readonly number[];
  /** Rows, ascending. */
  readonly y: readonly number[];
  /** Coefficients of A, B and C, row by row: point (x[i], y[j]) is at `j · x.length + i`. For `evaluateCombinations`. */
  readonly coefficients: readonly (readonly [number, number, number])[];
}

/**
 * A grid of `steps` × `steps` points (at least 2 × 2) around the corners of a plane and further points, with a margin on every
 * side: a share of the width or height of the box that they fill.
 */
export function planeGrid(
  plane: Plane,
  {
    steps = 21,
    margin = 0.2,
    around = [],
  }: { steps?: number; margin?: number; around?: readonly PlanePoint[] } = {},
): PlaneGrid {
  if (!(steps >= 2)) throw new RangeError(`A grid has at least 2 points on each side, not ${steps}.`);
  const axis = (values: readonly number[]) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const edge = margin * (high - low);
    return Array.from({ length: steps }, (_, i) => low - edge + (i / (steps - 1)) * (high - low + 2 * edge));
  };
  const points = [...plane.corners, ...around];
  const x = axis(points.map((point) => point.x));
  const y = axis(points.map((point) => point.y));
  const coefficients = y.flatMap((row) => x.map((column) => plane.coefficients({ x: column, y: row })));
  return { x, y, coefficients };
}
