import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rng } from "./rng.js";

const draw = (rng: Rng, count = 8) => Array.from({ length: count }, () => rng.bits());

describe("forks", () => {
  it("depend on seed and path alone, not on what was drawn before", () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.nat(50), (seed, label, drawn) => {
        const used = Rng.seed(seed);
        draw(used, drawn);
        used.normal();
        expect(draw(used.fork(label))).toEqual(draw(Rng.seed(seed).fork(label)));
      }),
      { seed: 1 },
    );
  });

  it("of different labels, paths or seeds are different streams", () => {
    const root = Rng.seed(0);
    const streams = [
      root,
      Rng.seed(1),
      Rng.seed(2 ** 32),
      root.fork(""),
      root.fork("a"),
      root.fork("b"),
      root.fork("ab"),
      root.fork("a").fork("b"),
      root.fork("b").fork("a"),
      root.fork("order/1"),
      root.fork("order/11"),
      root.fork("order").fork("1"),
    ];
    expect(new Set(streams.map((rng) => draw(rng).join())).size).toBe(streams.length);
  });

  it("of 20,000 labels begin with different numbers, as 64 random bits do", () => {
    const root = Rng.seed(3);
    const firsts = Array.from({ length: 20_000 }, (_, i) => draw(root.fork(`step/${i}`), 2).join());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it("are uncorrelated with their neighbors", () => {
    const root = Rng.seed(3);
    const values = Array.from({ length: 20_000 }, (_, i) => root.fork(`step/${i}`).uniform() - 0.5);
    const covariance = values.slice(1).reduce((sum, value, i) => sum + value * values[i], 0) / values.length;
    // deviation of the mean of 20,000 products of two uniform variables: (1/12) / sqrt(20,000) = 6e-4
    expect(Math.abs(covariance)).toBeLessThan(4 * 6e-4);
  });
});

describe("draws", () => {
  it("refuse a seed that is no integer ≥ 0", () => {
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => Rng.seed(seed)).toThrow(RangeError);
  });

  it("uniform: χ² of 100 bins over 100,000 draws is within 5 deviations of its mean", () => {
    const rng = Rng.seed(7);
    const bins = new Array<number>(100).fill(0);
    for (let i = 0; i < 100_000; i++) bins[Math.floor(rng.uniform() * 100)]++;
    const chi2 = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(Math.abs(chi2 - 99)).toBeLessThan(5 * Math.sqrt(2 * 99));
  });

  it("uniforms stay in [low, high)", () => {
    const values = Rng.seed(1).uniforms(50_000, -0.25, 0.5);
    expect(values.every((value) => value >= -0.25 && value < 0.5)).toBe(true);
    expect(values.reduce((a, b) => a + b, 0) / values.length).toBeCloseTo(0.125, 2);
  });

  it("normal: mean 0, variance 1, kurtosis 3", () => {
    const values = Rng.seed(2).normals(100_000);
    const moment = (k: number) => values.reduce((sum, value) => sum + value ** k, 0) / values.length;
    expect(moment(1)).toBeCloseTo(0, 1);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.02);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.15);
  });

  it("normals have the asked-for deviation", () => {
    const values = Rng.seed(2).normals(100_000, 0.1);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
    // Both within 5 deviations: σ / √n of the mean, σ / √(2n) of the deviation.
    expect(Math.abs(mean)).toBeLessThan((5 * 0.1) / Math.sqrt(1e5));
    expect(Math.abs(deviation - 0.1)).toBeLessThan((5 * 0.1) / Math.sqrt(2e5));
  });

  it("int refuses a range that is no integer from 1 to 2³²", () => {
    for (const n of [0, -1, 2.5, Number.NaN, 2 ** 32 + 1])
      expect(() => Rng.seed(0).int(n), String(n)).toThrow(RangeError);
    expect(Rng.seed(0).int(1)).toBe(0);
    expect(Rng.seed(0).int(2 ** 32)).toBe(Rng.seed(0).bits() >>> 0);
  });

  it("int is uniform where n does not divide 2³²", () => {
    const rng = Rng.seed(5);
    const n = 3 * 2 ** 30; // plain remainders would give the lower third twice as often
    let low = 0;
    for (let i = 0; i < 30_000; i++) if (rng.int(n) < 2 ** 30) low++;
    expect(Math.abs(low - 10_000)).toBeLessThan(5 * Math.sqrt(30_000 * (1 / 3) * (2 / 3)));
  });

  it("permutation gives every order of three equally often", () => {
    const rng = Rng.seed(6);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = rng.permutation(3).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values())
      expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000 * (5 / 6)));
  });

  it("permutation holds every index once", () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(), (n, seed) => {
        expect([...Rng.seed(seed).permutation(n)].sort((a, b) => a - b)).toEqual([...Array(n).keys()]);
      }),
      { seed: 1 },
    );
  });
});
