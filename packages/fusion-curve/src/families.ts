/** A family of curves through parameter space: θ(t) = Σₖ cₖ(t) θₖ over the control points θ₀ … θₙ. */
export type CurveFamily = "bezier" | "polychain";

function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value = (value * (n - k + i)) / i;
  return value;
}

/**
 * Coefficients cₖ(t) of `points` ≥ 2 control points, n = points - 1, t in [0, 1]; they add up to 1, and only the first
 * (last) is not 0 at t = 0 (1). Garipov et al. 2018, arXiv 1802.10026:
 * - bezier: cₖ(t) = C(n, k) tᵏ (1-t)ⁿ⁻ᵏ
 * - polychain: cₖ(t) = max(0, 1 - |n t - k|)
 */
export function curveCoefficients(family: CurveFamily, points: number, t: number): number[] {
  const n = points - 1;
  return Array.from({ length: points }, (_, k) =>
    family === "bezier" ? binomial(n, k) * t ** k * (1 - t) ** (n - k) : Math.max(0, 1 - Math.abs(n * t - k)),
  );
}
