import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Network, type Params, Rng } from "@isthmus/core";
import { toyData, toyModel } from "@isthmus/core/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { fuse } from "../test/fuse.js";
import { alive, network } from "../test/networks.js";
import { type OtOptions, otOptions } from "./options.js";
import { exactPlan } from "./solvers/exact-plan.js";
import { sinkhorn } from "./solvers/sinkhorn.js";
import { unbalanced } from "./solvers/unbalanced.js";

const run = promisify(execFile);
const python = process.env.ISTHMUS_PYTHON ?? "python3";
/** POT loads every tensor library that it finds unless told not to. */
const env = {
  ...process.env,
  POT_BACKEND_DISABLE_PYTORCH: "1",
  POT_BACKEND_DISABLE_TENSORFLOW: "1",
  POT_BACKEND_DISABLE_JAX: "1",
};
const available = await run(python, ["-c", "import numpy, ot"], { env }).then(
  () => true,
  () => {
    process.stderr.write(`Skipped: ${python} has no POT. Set ISTHMUS_PYTHON to a Python that has \`pot\`.\n`);
    return false;
  },
);

const scaling = { regularization: 0.1, maxIterations: 50000, tolerance: 1e-12 };
const data = toyData();
const everything = { activationSamples: data.count, pixels: "unit" } as const;

/** Blocks of options that the README names, and every option by itself. */
const NAMED: readonly Partial<Record<keyof OtOptions, unknown>>[] = [
  {},
  { squared: true, outgoing: "average" },
  { squared: true, normalization: "log", correction: false, properMarginals: false, pastCorrection: false },
  { squared: true, unitRows: true, normalization: "log", pastCorrection: false, lastLayer: "transport" },
  { cost: "activations", squared: true, targetActivations: "fused", outgoing: "average" },
  { cost: "activations", activation: "pre", scale: "samples", lastLayer: "transport" },
  { metric: "cosine" },
  { scale: "norm", solver: "sinkhorn" },
  { normalization: "max", solver: "sinkhorn" },
  { normalization: "mean", solver: "sinkhorn" },
  { normalization: "median", solver: "sinkhorn" },
  { clip: { min: 1, max: 18 }, solver: "sinkhorn" },
  { importance: "l1" },
  { importance: "l2", outgoing: "average" },
  { solver: "unbalanced" },
  { solver: "unbalanced", marginalRegularization: 0.1, properMarginals: false },
  { solver: "unbalanced", importance: "l2", correction: false },
  { lastLayer: "target" },
  { lastLayer: "transport", normalization: "log" },
];

const CHOICES = {
  cost: ["weights", "activations"],
  activation: ["pre", "post"],
  targetActivations: ["original", "fused"],
  metric: ["euclidean", "cosine"],
  squared: [true, false],
  unitRows: [true, false],
  scale: ["none", "samples", "norm"],
  normalization: ["none", "log", "max", "mean", "median"],
  importance: ["none", "l1", "l2"],
  solver: ["exact", "sinkhorn", "unbalanced"],
  correction: [true, false],
  properMarginals: [true, false],
  pastCorrection: [true, false],
  outgoing: ["conserve", "average"],
  lastLayer: ["keep", "transport", "target"],
} as const;

/**
 * Random combinations of all options. Clipped costs tie, which leaves no one exact plan; and POT's scalings underflow where
 * costs are a thousand times the regularization.
 */
function combinations(count: number): OtOptions[] {
  const rng = Rng.seed(5);
  const drawn: OtOptions[] = [];
  while (drawn.length < count) {
    const options: Record<string, unknown> = Object.fromEntries(
      Object.entries(CHOICES).map(([name, values]) => [name, values[rng.int(values.length)]]),
    );
    if (options.solver !== "exact") {
      if (options.normalization === "none") options.normalization = "max";
      if (rng.int(3) === 0) options.clip = { min: 0.5, max: 10 };
    }
    const parsed = otOptions.safeParse({ ...scaling, ...everything, ...options });
    if (parsed.success) drawn.push(parsed.data);
  }
  return drawn;
}

const pair = (from: readonly number[], to: readonly number[]) =>
  [alive(network(toyModel(from), 11)), alive(network(toyModel(to), 12))] as const;
const equal = pair([7, 5], [7, 5]);
const unequal = [pair([8, 6], [4, 3]), pair([4, 3], [8, 6]), pair([3, 8], [12, 5])];

const cases = [
  ...[
    ...NAMED.map((options) => otOptions.parse({ ...scaling, ...everything, ...options })),
    ...combinations(60),
  ].map((options) => ({ networks: equal, options, share: 0.5 })),
  ...combinations(60)
    .filter(({ pastCorrection }) => pastCorrection)
    .map((options, k) => ({ networks: unequal[k % unequal.length], options, share: 0.3 })),
];

const rng = Rng.seed(3);
const uniforms = (size: number) => Float64Array.from({ length: size }, () => rng.uniform());
const normalized = (masses: Float64Array) => masses.map((x) => x / masses.reduce((sum, y) => sum + y, 0));
const problems = [
  [6, 6],
  [40, 20],
  [20, 40],
].flatMap(([n, m]) =>
  (["exact", "sinkhorn", "unbalanced"] as const).map((solver) => {
    const [a, b] = [uniforms(n), uniforms(m)].map((x) => (solver === "unbalanced" ? x : normalized(x)));
    const options = otOptions.parse({ ...scaling, solver, marginalRegularization: 0.3 });
    return { cost: uniforms(n * m), a, b, options };
  }),
);

/** Layers as `[out, in]` matrices and biases. */
function layersOf({ params }: { params: Params }) {
  return [0, 1, 2].map((l) => {
    const { shape, data: kernel } = params.get(`kernel${l}`)!;
    const weights = Array.from({ length: shape[1] }, (_, unit) =>
      Array.from({ length: shape[0] }, (_, i) => kernel[i * shape[1] + unit]),
    );
    return { weights, bias: Array.from(params.get(`bias${l}`)!.data) };
  });
}

describe.skipIf(!available)("beside numpy and POT", () => {
  let answers: { plans: number[][][]; fusions: ReturnType<typeof layersOf>[] };
  beforeAll(async () => {
    const { images } = data.batch([...Array(data.count).keys()], { pixels: "unit" });
    const child = run(python, [fileURLToPath(new URL("../test/fusion.py", import.meta.url))], {
      env,
      maxBuffer: 2 ** 26,
    });
    child.child.stdin?.end(
      JSON.stringify({
        images: Array.from({ length: data.count }, (_, i) =>
          Array.from(images.subarray(36 * i, 36 * i + 36)),
        ),
        plans: problems.map(({ cost, a, b, options }) => ({
          cost: Array.from(cost),
          a: Array.from(a),
          b: Array.from(b),
          options,
        })),
        fusions: cases.map(({ networks: [source, target], options, share }) => ({
          source: layersOf(source),
          target: layersOf(target),
          options,
          share,
        })),
      }),
    );
    answers = JSON.parse((await child).stdout);
  }, 240_000);

  it("every solver finds the same plan", () => {
    problems.forEach(({ cost, a, b, options }, p) => {
      const plan = {
        exact: () => exactPlan(cost, a, b),
        sinkhorn: () => sinkhorn(cost, a, b, options).plan,
        unbalanced: () => unbalanced(cost, a, b, options).plan,
      }[options.solver]();
      const expected = answers.plans[p].flat();
      const error = Math.max(...plan.map((mass, k) => Math.abs(mass - expected[k])));
      expect(error, `${options.solver} ${a.length} × ${b.length}`).toBeLessThan(1e-9);
    });
  });

  it("a whole fusion gives the same weights, for every option and for random combinations of all", async () => {
    for (const [k, { networks, options, share }] of cases.entries()) {
      const fused: Network = await fuse(networks, { ...options }, [1 - share, share]);
      const found = layersOf(fused);
      answers.fusions[k].forEach(({ weights, bias }, l) => {
        const [expected, given] = [
          [...weights.flat(), ...bias],
          [...found[l].weights.flat(), ...found[l].bias],
        ];
        const error = Math.max(...expected.map((x, i) => Math.abs(x - given[i])));
        expect(error, `layer ${l} of ${JSON.stringify(options)}`).toBeLessThan(1e-5);
      });
    }
  });
});
