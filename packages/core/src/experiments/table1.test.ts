import { beforeAll, describe, expect, it } from "vitest";
import { shippedHost, shippedRecipe } from "../../test/shipped.js";
import type { Plan } from "../contracts/experiment.js";
import type { JsonObject } from "../contracts/json.js";
import type { PluginHost } from "../host/plugin-host.js";

let host: PluginHost;

beforeAll(async () => {
  host = await shippedHost();
});

const planned = async (recipe: string, ...sets: string[]): Promise<Plan> =>
  (await shippedRecipe(recipe, host, ...sets)).plan();

function step({ steps }: Plan, id: string) {
  const found = steps.find((each) => each.id === id);
  if (found === undefined) throw new Error(`There is no step "${id}".`);
  return found;
}

/** Settings of all training: SGD, momentum .9, batch 128, 10 epochs; no validation, so that final weights are used. */
const COMMON = { epochs: 10, batchSize: 128, validationShare: 0 };
const sgd = (learningRate: number, weightDecay: number) => ({
  kind: "sgd",
  learningRate,
  momentum: 0.9,
  weightDecay,
});

/** Settings of the networks, without augmentation. */
const TRAINING: Readonly<Record<string, JsonObject>> = {
  // .007, constant for half of the epochs, then linear to 1 %; weight decay 5e-4; momentum kept.
  paper: {
    ...COMMON,
    optimizer: sgd(0.007, 5e-4),
    schedule: { kind: "decay", end: 0.01 },
    resetOptimizer: false,
  },
  // Constant .07; the momentum buffer starts anew at every epoch; no weight decay.
  seed: { ...COMMON, optimizer: sgd(0.07, 0), schedule: { kind: "constant" }, resetOptimizer: true },
  // As the curve, with the same weight decay.
  fair: {
    ...COMMON,
    optimizer: sgd(0.07, 5e-4),
    schedule: { kind: "decay", end: 0.01 },
    resetOptimizer: false,
  },
};
/** Joint alone has other epochs, by the protocol `fair`: those of A or B and those of the curve. */
const epochsOf = (protocol: string, part: string) => (protocol === "fair" && part === "joint" ? 20 : 10);

/** The curve: 3 bends, random middle, t = .5; 10 epochs of batch 128 at .07 with the decaying schedule, momentum kept. */
const CURVE = { family: "bezier", bends: 3, ends: "fixed", init: "random", at: 0.5 };
const CURVE_TRAINING = {
  ...COMMON,
  optimizer: sgd(0.07, 0),
  schedule: { kind: "decay", end: 0.01 },
  resetOptimizer: false,
};
/** Weight decay of the curve, as a penalty on its point. */
const PENALTY: Readonly<Record<string, number>> = { paper: 5e-4, seed: 0, fair: 5e-4 };
const STARTS: Readonly<Record<string, string>> = { paper: "train a", seed: "fuse avg", fair: "train a" };

/** Exact transport by incoming weights: Euclidean distances to B, or squared ones to a fresh random network. */
const TRANSPORT: Readonly<Record<string, JsonObject>> = {
  paper: { target: "last", cost: "weights", solver: "exact", squared: false },
  seed: { target: "random", cost: "weights", solver: "exact", squared: true },
  fair: { target: "last", cost: "weights", solver: "exact", squared: false },
};

const specialClass = (special: number | string) => ({
  method: "special-class",
  options: { class: special, share: 0.1, order: "first" },
});
const dogs = specialClass("dog");
const fours = specialClass(4);
const nothing = { flip: false, cropPadding: 0 };
const flips = { flip: true, cropPadding: 0 };
const cropsAndFlips = { flip: true, cropPadding: 4 };

/** What differs between the data sets: how images are dealt out, and how they are changed in training. */
const RECIPES: Readonly<
  Record<
    string,
    { dataset: string; protocols: Record<string, { partition: JsonObject; augmentation: JsonObject }> }
  >
> = {
  "table1-mnist": {
    dataset: "mnist",
    protocols: {
      paper: { partition: fours, augmentation: nothing },
      seed: { partition: fours, augmentation: flips },
      fair: { partition: fours, augmentation: nothing },
    },
  },
  "table1-cifar10": {
    dataset: "cifar10",
    protocols: {
      paper: { partition: dogs, augmentation: cropsAndFlips },
      // The published code finds no dog: the first tenth of everything.
      seed: {
        partition: { method: "share", options: { share: 0.1, order: "first" } },
        augmentation: cropsAndFlips,
      },
      fair: { partition: dogs, augmentation: cropsAndFlips },
    },
  },
};

const WIDTHS: Readonly<Record<string, readonly number[]>> = {
  MLPNet: [400, 200, 100],
  MLPLarge: [800, 400, 200],
  MLPHuge: [1024, 512, 256],
};

const cases = Object.entries(RECIPES).flatMap(([recipe, { protocols }]) =>
  Object.keys(protocols).flatMap((protocol) =>
    Object.keys(WIDTHS).map((network) => [recipe, protocol, network] as const),
  ),
);

describe.each(cases)("%s by the protocol %s with %s", (recipe, protocol, network) => {
  const { dataset: name, protocols } = RECIPES[recipe];
  const { partition, augmentation } = protocols[protocol];
  const dataset = { name, options: { normalization: "standard" } };
  let plan: Plan;

  beforeAll(async () => {
    plan = await planned(recipe, `protocol=${protocol}`, `network=${network}`);
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
        options: { dataset, split: "test" },
      });
    }
  });

  it.each(["joint", "a", "b"])("trains %s from its own start, to its final weights", (part) => {
    expect(step(plan, `train ${part} seed=2`)).toEqual({
      trains: true,
      id: `train ${part} seed=2`,
      kind: "train",
      inputs: {},
      options: {
        seed: 2,
        stream: part,
        dataset,
        partition,
        part,
        architecture: {
          name: "mlp",
          options: { hidden: WIDTHS[network], bias: false, dropout: 0, initializer: "fan-in" },
        },
        training: { ...TRAINING[protocol], epochs: epochsOf(protocol, part), augmentation },
        checkpoint: "final",
      },
    });
  });

  it("averages A and B", () => {
    expect(step(plan, "fuse avg seed=2")).toEqual({
      trains: false,
      id: "fuse avg seed=2",
      kind: "fuse",
      inputs: { networks: ["train a seed=2", "train b seed=2"] },
      options: {
        seed: 2,
        stream: "average",
        method: "average",
        options: {},
        weights: [0.5, 0.5],
        data: { dataset, partition },
        afterwards: "statistics",
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
      trains: true,
      id: "fuse mpf seed=2",
      kind: "fuse",
      inputs: { networks: [`${STARTS[protocol]} seed=2`, "train b seed=2"] },
      options: {
        seed: 2,
        stream: "curve",
        method: "curve",
        options: {
          ...CURVE,
          weightDecay: PENALTY[protocol],
          training: { ...CURVE_TRAINING, augmentation },
        },
        weights: [0.5, 0.5],
        data: { dataset, partition },
        afterwards: "statistics",
      },
    });
  });
});

describe.each(Object.keys(RECIPES))("%s", (name) => {
  it("has the paper's protocol and the smallest network as its defaults", async () => {
    const recipe = await shippedRecipe(name, host);
    expect(recipe.choices).toEqual({ protocol: "paper", network: "MLPNet" });
    expect(await recipe.plan()).toEqual(await planned(name, "protocol=paper", "network=MLPNet"));
  });

  it("gives Joint, by the protocol fair, the training of the curve and as many epochs as it and its ends take", async () => {
    const plan = await planned(name, "protocol=fair");
    const training = (part: string) =>
      step(plan, `train ${part} seed=0`).options.training as { epochs: number; optimizer: JsonObject };
    const { training: curve, weightDecay } = step(plan, "fuse mpf seed=0").options.options as {
      training: typeof joint;
      weightDecay: number;
    };
    const joint = training("joint");
    expect(training("a")).toEqual(training("b"));
    // A and B share the images out, so that an epoch of both is one of Joint.
    expect(joint.epochs).toBe(training("a").epochs + curve.epochs);
    const optimizer = { ...curve.optimizer, weightDecay };
    expect(joint).toEqual({ ...curve, epochs: joint.epochs, optimizer });
    expect(training("a")).toEqual({ ...joint, epochs: training("a").epochs });
  });
});

it("quickstart needs no download and evaluates the curve of every seed", async () => {
  const plan = await (await shippedRecipe("quickstart", host, "seeds=[0, 4]")).plan();
  for (const seed of [0, 4]) {
    expect(step(plan, `path curve of mpf seed=${seed}`)).toMatchObject({
      inputs: { networks: [`fuse mpf seed=${seed}`] },
      options: { seed, points: 31, split: "test", dataset: { name: "digits" } },
    });
  }
  const names = plan.steps.map(({ options }) => (options.dataset as JsonObject | undefined)?.name);
  expect(new Set(names)).toEqual(new Set(["digits", undefined]));
});
