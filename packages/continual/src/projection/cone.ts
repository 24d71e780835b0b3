import { minimizeNonnegative } from "./nonnegative-quadratic.js";

/**
 * Added to the diagonal of the references' cosines, so that references that point the same way have one solution: more than
 * products in single precision are wrong by, and too little to matter.
 */
const RIDGE = 1e-5;

/**
 * How much of each reference gradient is added to a gradient g so that no reference is opposed: the v of g + Σ v_k G_k, the point
 * nearest to g in the cone of all x with ⟨x, G_k⟩ ≥ 0. It solves the dual problem of GEM (Lopez-Paz & Ranzato 2017, arXiv
 * 1706.08840, eq. 11),
 *
 *     minimize ½ vᵀ G Gᵀ v + (G g)ᵀ v     over v ≥ margin
 *
 * where a margin above 0 goes further towards the references than is needed.
 *
 * @param products inner products of g, G_1, …, G_K with each other, row-major `[K + 1, K + 1]`
 * @returns v, one number for each reference; undefined where g opposes none of them
 */
export function coneWeights(products: ArrayLike<number>, margin: number): readonly number[] | undefined {
  const size = Math.sqrt(products.length);
  const product = (i: number, j: number) => products[i * size + j] as number;
  const references = Array.from({ length: size - 1 }, (_, k) => k + 1);
  if (references.every((k) => product(0, k) >= 0)) return undefined;
  // A reference without length opposes nothing. The others are taken at length 1: u_k = |G_k| (v_k - margin) ≥ 0.
  const lengths = references.map((k) => Math.sqrt(product(k, k)));
  const [used, unit] = [references.filter((k) => product(k, k) > 0), (k: number) => lengths[k - 1] as number];
  const cosines = used.map((i) =>
    used.map((j) => product(i, j) / (unit(i) * unit(j)) + (i === j ? RIDGE : 0)),
  );
  const slopes = used.map((i) => {
    const pushed = used.reduce((sum, j) => sum + margin * product(i, j), product(0, i));
    return pushed / unit(i);
  });
  const u = minimizeNonnegative(cosines, slopes);
  return references.map((k) => margin + (used.includes(k) ? (u[used.indexOf(k)] as number) / unit(k) : 0));
}
