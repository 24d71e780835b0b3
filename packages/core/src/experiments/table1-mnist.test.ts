import { beforeAll, describe, expect, it } from "vitest";
import { shippedHost, shippedRecipe } from "../../test/shipped.js";
import type { Plan } from "../contracts/experiment.js";
import type { JsonObject } from "../contracts/json.js";
import type { PluginHost } from "../host/plugin-host.js";

let host: PluginHost;

beforeAll(async () => {
  host = await shippedHost();
});

const planned = async (...sets: string[]): Promise<Plan> =>
  (await shippedRecipe("table1-mnist", host, ...sets)).plan();

function step({ steps }: Plan, id: string) {
  const found = steps.find((each) => each.id === id);
  if (found === undefined) throw new Error(`There is no step "${id}".`);
  return found;
}

const MNIST = { name: "mnist", options: {} };
const SPLIT = { method: "special-class", options: { class: 4, share: 0.1 } };

/** Settings of the networks: SGD, momentum .9, batch 128, 10 epochs; no validation, so that final weights are used. */
const NETWORKS = { epochs: 10, batchSize: 128, validationShare: 0 };
const TRAINING: Readonly<Record<string, JsonObject>> = {
  // .007, constant for half of the epochs, then linear to 1 %; weight decay 5e-4; momentum kept; no augmentation.
  paper: {
    ...NETWORKS,
    optimizer: { kind: "sgd", learningRate: 0.007, momentum: 0.9, weightDecay: 5e-4 },
    schedule: { kind: "decay" },
    resetOptimizer: false,
    augmentation: { flip: false },
  },
  // Constant .07; the momentum buffer starts anew at every epoch; no weight decay; random flips.
  seed: {
    ...NETWORKS,
    optimizer: { kind: "sgd", learningRate: 0.07, momentum: 0.9, weightDecay: 0 },
    schedule: { kind: "constant" },
    resetOptimizer: true,
    augmentation: { flip: true },
  },
};

/** The curve: 3 bends, random middle, t = .5; 10 epochs of batch 128 at .07 with the decaying schedule, momentum kept. */
const CURVE = { family: "bezier", bends: 3, ends: "fixed", init: "random", at: 0.5 };
const CURVE_TRAINING = {
  ...NETWORKS,
  optimizer: { kind: "sgd", learningRate: 0.07, momentum: 0.9, weightDecay: 0 },
  schedule: { kind: "decay" },
  resetOptimizer: false,
};
const CURVES: Readonly<Record<string, JsonObject>> = {
  // Weight decay 5e-4 as a penalty on the point of the curve; no augmentation.
  paper: { ...CURVE, weightDecay: 5e-4, training: { ...CURVE_TRAINING, augmentation: { flip: false } } },
  // No penalty; the same flipped data as the networks.
  seed: { ...CURVE, weightDecay: 0, training: { ...CURVE_TRAINING, augmentation: { flip: true } } },
};
const STARTS: Readonly<Record<string, string>> = { paper: "train a", seed: "fuse avg" };

/** Exact transport by incoming weights: Euclidean distances to B, or squared ones to a fresh random network. */
const TRANSPORT: Readonly<Record<string, JsonObject>> = {
  paper: { target: "last", cost: "weights", solver: "exact", squared: false },
  seed: { target: "random", cost: "weights", solver: "exact", squared: true },
};

const WIDTHS: Readonly<Record<string, readonly number[]>> = {
  MLPNet: [400, 200, 100],
  MLPLarge: [800, 400, 200],
  MLPHuge: [1024, 512, 256],
};

const cases = Object.keys(TRAINING).flatMap((protocol) =>
  Object.keys(WIDTHS).map((network) => [protocol, network] as const),
);

describe.each(cases)("table 1 by the protocol %s with %s", (protocol, network) => {
  let plan: Plan;

  beforeAll(async () => {
    plan = await planned(`protocol=${protocol}`, `network=${network}`);
  });

  it("has five seeds of six networks, each evaluated on the test images", () => {
    expect([...new Set(plan.networks.map(({ seed }) => seed))]).toEqual([0, 1, 2, 3, 4]);
    expect(plan.networks.filter(({ seed }) => seed === 3).map(({ row }) => row)).toEqual([
      "joint",
      "a",
      "b",
      "avg",
      "ot",
      "mpf",
    ]);
    expect(plan.steps).toHaveLength(5 * 6 * 2);
    for (const { step: id, evaluations } of plan.networks) {
      const [evaluation] = evaluations.map((each) => step(plan, each));
      expect(evaluations).toHaveLength(1);
      expect(evaluation).toMatchObject({
        kind: "evaluate",
        inputs: { networks: [id] },
        options: { dataset: MNIST, split: "test" },
      });
    }
  });

  it.each(["joint", "a", "b"])("trains %s from its own start, to its final weights", (part) => {
    expect(step(plan, `train ${part} seed=2`)).toEqual({
      id: `train ${part} seed=2`,
      kind: "train",
      inputs: {},
      options: {
        seed: 2,
        stream: part,
        dataset: MNIST,
        partition: SPLIT,
        part,
        architecture: { name: "mlp", options: { hidden: WIDTHS[network], bias: false, dropout: 0 } },
        training: TRAINING[protocol],
        checkpoint: "final",
      },
    });
  });

  it("averages A and B", () => {
    expect(step(plan, "fuse avg seed=2")).toEqual({
      id: "fuse avg seed=2",
      kind: "fuse",
      inputs: { networks: ["train a seed=2", "train b seed=2"] },
      options: {
        seed: 2,
        stream: "average",
        method: "average",
        options: {},
        weights: [0.5, 0.5],
        data: null,
      },
    });
  });

  it("aligns them by exact transport", () => {
    const { inputs, options } = step(plan, "fuse ot seed=2");
    expect(inputs).toEqual({ networks: ["train a seed=2", "train b seed=2"] });
    expect(options).toMatchObject({
      seed: 2,
      method: "ot",
      weights: [0.5, 0.5],
      options: TRANSPORT[protocol],
    });
  });

  it("joins them by a curve on the joint data", () => {
    expect(step(plan, "fuse mpf seed=2")).toEqual({
      id: "fuse mpf seed=2",
      kind: "fuse",
      inputs: { networks: [`${STARTS[protocol]} seed=2`, "train b seed=2"] },
      options: {
        seed: 2,
        stream: "curve",
        method: "curve",
        options: CURVES[protocol],
        weights: [0.5, 0.5],
        data: { dataset: MNIST, partition: SPLIT },
      },
    });
  });
});

it("the paper's protocol and the smallest network are the defaults", async () => {
  const recipe = await shippedRecipe("table1-mnist", host);
  expect(recipe.choices).toEqual({ protocol: "paper", network: "MLPNet" });
  expect(await recipe.plan()).toEqual(await planned("protocol=paper", "network=MLPNet"));
});

it("quickstart needs no download and evaluates the curve of every seed", async () => {
  const plan = await (await shippedRecipe("quickstart", host, "seeds=[0, 4]")).plan();
  for (const seed of [0, 4]) {
    expect(step(plan, `curve-evaluation curve of mpf seed=${seed}`)).toMatchObject({
      inputs: { networks: [`fuse mpf seed=${seed}`] },
      options: { seed, points: 31, split: "test", dataset: { name: "digits" } },
    });
  }
  const names = plan.steps.map(({ options }) => (options.dataset as JsonObject | undefined)?.name);
  expect(new Set(names)).toEqual(new Set(["digits", undefined]));
});
