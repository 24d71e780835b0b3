import { Rng } from "@isthmus/core";
import fc from "fast-check";
import highsModule, { type LegacyHighs } from "highs";
import { beforeAll, describe, expect, it } from "vitest";
import { assignment } from "./assignment.js";
import { exactPlan } from "./exact-plan.js";
import { transport } from "./transport.js";

// The package's types describe its CommonJS build; what is imported here is the loader itself.
const loadHighs = highsModule as unknown as () => Promise<LegacyHighs>;
let highs: LegacyHighs;
beforeAll(async () => {
  highs = await loadHighs();
});

/** Optimal cost according to HiGHS. */
function oracle(cost: Float64Array, a: Float64Array, b: Float64Array): number {
  const rows = Array.from(a.keys());
  const columns = Array.from(b.keys());
  const term = (i: number, j: number) => {
    const c = cost[i * b.length + j];
    return `${c < 0 ? "-" : "+"} ${Math.abs(c)} x${i}_${j}`;
  };
  const model = [
    "Minimize",
    `obj: ${rows.flatMap((i) => columns.map((j) => term(i, j))).join("\n ")}`,
    "Subject To",
    ...rows.map((i) => `r${i}: ${columns.map((j) => `x${i}_${j}`).join(" + ")} = ${a[i]}`),
    // One constraint follows from the others; left out, rounding cannot make the program infeasible.
    ...columns.slice(1).map((j) => `c${j}: ${rows.map((i) => `x${i}_${j}`).join(" + ")} = ${b[j]}`),
    "End",
  ].join("\n");
  const solution = highs.solve(model, { output_flag: false });
  if (solution.Status !== "Optimal") throw new Error(`HiGHS: ${solution.Status}`);
  return solution.ObjectiveValue;
}

const uniforms = (size: number, rng: Rng) => Float64Array.from({ length: size }, () => rng.uniform());
const flat = (size: number) => new Float64Array(size).fill(1 / size);
const normalized = (masses: Float64Array) => {
  const total = masses.reduce((sum, x) => sum + x, 0);
  return masses.map((x) => x / total);
};

function expectProof(cost: Float64Array, a: Float64Array, b: Float64Array) {
  const n = a.length;
  const m = b.length;
  const { plan, total, rowDuals, columnDuals } = transport(cost, a, b);
  const scale = cost.reduce((most, c) => Math.max(most, Math.abs(c)), 1);
  const rowSums = new Float64Array(n);
  const columnSums = new Float64Array(m);
  let spent = 0;
  let leastMass = Number.POSITIVE_INFINITY;
  let lowestSlack = Number.POSITIVE_INFINITY;
  let slackUsed = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const k = i * m + j;
      leastMass = Math.min(leastMass, plan[k]);
      rowSums[i] += plan[k];
      columnSums[j] += plan[k];
      spent += plan[k] * cost[k];
      const slack = cost[k] - rowDuals[i] - columnDuals[j];
      lowestSlack = Math.min(lowestSlack, slack);
      if (plan[k] > 0) slackUsed = Math.max(slackUsed, Math.abs(slack));
    }
  }
  a.forEach((mass, i) => {
    expect(rowSums[i]).toBeCloseTo(mass, 11);
  });
  b.forEach((mass, j) => {
    expect(columnSums[j]).toBeCloseTo(mass, 11);
  });
  expect(leastMass).toBeGreaterThanOrEqual(0);
  expect(total).toBeCloseTo(spent, 11);
  expect(lowestSlack).toBeGreaterThanOrEqual(-1e-11 * scale);
  expect(slackUsed).toBeLessThanOrEqual(1e-11 * scale);
  return total;
}

describe("transport", () => {
  it("costs what HiGHS finds, on random rectangular problems", () => {
    for (const [n, m] of [
      [1, 1],
      [1, 6],
      [6, 1],
      [5, 8],
      [12, 7],
      [20, 20],
    ]) {
      const rng = Rng.seed(n * 31 + m);
      const cost = uniforms(n * m, rng);
      const a = normalized(uniforms(n, rng));
      const b = normalized(uniforms(m, rng));
      expect(expectProof(cost, a, b)).toBeCloseTo(oracle(cost, a, b), 8);
    }
  });

  it("is optimal where integer costs tie and marginals are degenerate", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
        fc.infiniteStream(fc.integer({ min: -2, max: 2 })),
        (n, m, stream) => {
          const cost = Float64Array.from({ length: n * m }, () => stream.next().value);
          expect(expectProof(cost, flat(n), flat(m))).toBeCloseTo(oracle(cost, flat(n), flat(m)), 8);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is optimal with rows and columns that have no mass", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 8 }),
        fc.nat(),
        (rows, columns, seed) => {
          fc.pre(rows.some((x) => x > 0) && columns.some((x) => x > 0));
          const cost = uniforms(rows.length * columns.length, Rng.seed(seed));
          const a = normalized(Float64Array.from(rows));
          const b = normalized(Float64Array.from(columns));
          expect(expectProof(cost, a, b)).toBeCloseTo(oracle(cost, a, b), 8);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("ends on constant costs and on Monge costs", () => {
    for (const [n, m] of [
      [30, 30],
      [24, 36],
    ]) {
      expect(expectProof(new Float64Array(n * m).fill(3), flat(n), flat(m))).toBeCloseTo(3, 12);
      const distances = Float64Array.from({ length: n * m }, (_, k) =>
        Math.abs(Math.floor(k / m) / n - (k % m) / m),
      );
      expectProof(distances, flat(n), flat(m));
    }
  });

  it("moves mass along the line as the difference of the distribution functions says", () => {
    const rng = Rng.seed(4);
    const size = 50;
    const a = normalized(uniforms(size, rng));
    const b = normalized(uniforms(size, rng));
    const cost = Float64Array.from({ length: size * size }, (_, k) =>
      Math.abs(Math.floor(k / size) - (k % size)),
    );
    let gap = 0;
    let expected = 0;
    for (let k = 0; k < size; k++) {
      gap += a[k] - b[k];
      expected += Math.abs(gap);
    }
    expect(expectProof(cost, a, b)).toBeCloseTo(expected, 11);
  });

  it("agrees with the assignment where both marginals are uniform, and proves itself on 512 × 400", () => {
    const n = 40;
    const cost = uniforms(n * n, Rng.seed(8));
    const { plan } = transport(cost, flat(n), flat(n));
    assignment(cost, n).rowToColumn.forEach((j, i) => {
      expect(plan[i * n + j]).toBeCloseTo(1 / n, 14);
    });
    expectProof(uniforms(512 * 400, Rng.seed(9)), flat(512), flat(400));
  });

  it("transposes with its problem and scales with cost and mass", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 10 }),
        fc.nat(),
        (n, m, seed) => {
          const rng = Rng.seed(seed);
          const cost = uniforms(n * m, rng);
          const a = normalized(uniforms(n, rng));
          const b = normalized(uniforms(m, rng));
          const { total } = transport(cost, a, b);
          const transposed = Float64Array.from(
            { length: n * m },
            (_, k) => cost[(k % n) * m + Math.floor(k / n)],
          );
          expect(transport(transposed, b, a).total).toBeCloseTo(total, 11);
          const larger = transport(
            cost.map((c) => 10 * c),
            a.map((x) => 3 * x),
            b.map((x) => 3 * x),
          );
          expect(larger.total).toBeCloseTo(30 * total, 10);
        },
      ),
    );
  });

  it("refuses negative and unequal masses, masses and costs that are not numbers, and another size", () => {
    const cost = new Float64Array(4);
    const half = flat(2);
    expect(() => transport(cost, Float64Array.of(1.5, -0.5), half)).toThrow(/a holds -0.5 at index 1/);
    expect(() => transport(cost, half, Float64Array.of(Number.NaN, 1))).toThrow(/b holds NaN at index 0/);
    expect(() => transport(cost, half, Float64Array.of(0.5, 0.6))).toThrow(
      /unequal masses, 1 in a and 1.1 in b/,
    );
    expect(() => transport(cost, Float64Array.of(0, 0), half)).toThrow(/a has total mass 0/);
    expect(() => transport(Float64Array.of(0, 1, 2, Number.NaN), half, half)).toThrow(
      /row 1, column 1 is NaN/,
    );
    expect(() => transport(cost, half, flat(3))).toThrow(/4 entries.*need 6/s);
  });
});

describe("exactPlan", () => {
  it("is a scaled permutation for uniform marginals of one length, else the transport plan", () => {
    const cost = uniforms(36, Rng.seed(2));
    const square = exactPlan(cost, flat(6), flat(6));
    expect(Array.from(square).filter((x) => x === 1 / 6)).toHaveLength(6);
    expect(Array.from(square).filter((x) => x === 0)).toHaveLength(30);
    expect(exactPlan(cost, flat(4), flat(9))).toEqual(transport(cost, flat(4), flat(9)).plan);
    const a = Float64Array.of(0.5, 0.1, 0.1, 0.1, 0.1, 0.1);
    expect(exactPlan(cost, a, flat(6))).toEqual(transport(cost, a, flat(6)).plan);
  });
});
