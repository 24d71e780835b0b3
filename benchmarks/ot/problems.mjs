// The costs that the solvers are timed on: seeded, `[n, m]` row by row in double precision.
import { Rng } from "@isthmus/core";

const ROW_LENGTH = 64;

function squaredDistances(x, n, y, m) {
  const cost = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let k = 0; k < ROW_LENGTH; k++) sum += (x[i * ROW_LENGTH + k] - y[j * ROW_LENGTH + k]) ** 2;
      cost[i * m + j] = sum;
    }
  }
  return cost;
}

export const PROBLEMS = {
  /** Squared distances between units whose weights have nothing to do with each other. */
  unrelated(n, m, rng) {
    return squaredDistances(rng.normals(n * ROW_LENGTH), n, rng.normals(m * ROW_LENGTH), m);
  },
  /** Squared distances between units of a network and its units in another order, moved by noise of their own size. */
  related(n, m, rng) {
    const x = rng.normals(n * ROW_LENGTH);
    const order = rng.permutation(Math.max(n, m));
    const noise = rng.normals(m * ROW_LENGTH);
    const y = noise.map(
      (e, k) => e + x[(order[Math.floor(k / ROW_LENGTH)] % n) * ROW_LENGTH + (k % ROW_LENGTH)],
    );
    return squaredDistances(x, n, y, m);
  },
  /** Independent and uniform on [0, 1). */
  uniform(n, m, rng) {
    return Float64Array.from({ length: n * m }, () => rng.uniform());
  },
};

/** The cost of a kind and size; the same numbers at every call. */
export function problem(kind, n, m) {
  return PROBLEMS[kind](n, m, Rng.seed(0).fork(`${kind}/${n}/${m}`));
}
