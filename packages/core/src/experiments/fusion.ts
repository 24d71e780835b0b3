import { z } from "zod";
import {
  defineExperiment,
  type Plan,
  type PlanContext,
  type PlannedNetwork,
} from "../contracts/experiment.js";
import type { JsonObject } from "../contracts/json.js";
import type { PlannedStep } from "../contracts/step.js";
import { nearest } from "../errors/nearest.js";
import { JOINT } from "../numerics/data/parts.js";
import { type TrainSettings, trainSettings } from "../numerics/training/settings.js";
import { mergeBlocks } from "../recipe/merge-blocks.js";
import { flattenParams } from "../steps/flatten-params.js";

const options = z
  .record(z.string(), z.json())
  .describe("options of the contribution; what is left out has its default");
const rowName = z.string().regex(/^[A-Za-z0-9][\w-]*$/, "a row's name is made of letters, digits, - and _");
const rowNames = z.array(z.string()).min(1);

const body = z.strictObject({
  dataset: z
    .union([z.string(), z.strictObject({ name: z.string(), options: options.optional() })])
    .describe("data set: its name, or name and options"),
  partition: z
    .strictObject({ method: z.string(), options: options.optional() })
    .optional()
    .describe("how the training images are dealt out; without it there is only the part `joint`"),
  model: z
    .strictObject({ architecture: z.string(), options: options.optional() })
    .describe("architecture of all networks"),
  training: z.record(z.string(), z.json()).describe("training settings of all networks"),
  train: z
    .record(
      rowName,
      z.strictObject({
        part: z
          .string()
          .describe("part of the training images: one of the partition's, or `joint` for all of them"),
        stream: z.string().optional().describe("name of its random stream; by default its part"),
        checkpoint: z
          .enum(["final", "best"])
          .default("final")
          .describe("weights of the last epoch, or of the best on the validation share"),
        training: z
          .record(z.string(), z.json())
          .optional()
          .describe("settings that differ from the shared ones"),
      }),
    )
    .describe("networks to train, by row of the table"),
  fuse: z
    .record(
      rowName,
      z.strictObject({
        method: z.string().describe("fusion method"),
        of: rowNames.describe("rows to fuse, trained or fused before"),
        base: z.string().optional().describe("row of the common ancestor, for methods that need one"),
        weights: z
          .array(z.number().min(0))
          .optional()
          .describe("share of each row; equal by default, and normalized to add up to 1"),
        stream: z.string().optional().describe("name of its random stream; by default its method"),
        options: options.optional(),
      }),
    )
    .default({})
    .describe("networks to fuse, by row of the table"),
  evaluate: z
    .record(
      z.string(),
      z.strictObject({
        method: z.string().describe("kind of step that evaluates a network"),
        of: rowNames.describe("rows to evaluate"),
        options: options.optional(),
      }),
    )
    .default({})
    .describe("further evaluations; every network is evaluated on the test images anyway"),
});

type Body = z.output<typeof body>;

/** What all steps of a seed share. */
interface Shared {
  readonly body: Body;
  readonly context: PlanContext;
  readonly dataset: { readonly name: string; readonly options: JsonObject };
  readonly partition: { readonly method: string; readonly options: JsonObject } | null;
  readonly parts: readonly string[];
  readonly architecture: { readonly name: string; readonly options: JsonObject };
}

/** What is planned of a row before its seed is known: the step's kind, options and parent rows. */
interface PlannedRow {
  readonly row: string;
  readonly kind: "train" | "fuse";
  readonly options: JsonObject;
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

async function resolveShared(own: Body, context: PlanContext): Promise<Shared> {
  const dataset = typeof own.dataset === "string" ? { name: own.dataset, options: undefined } : own.dataset;
  const named = typeof own.dataset === "string" ? ["dataset"] : ["dataset", "name"];
  await context.resolve("dataset", dataset.name, named);
  const datasetOptions = await context.options("dataset", dataset.name, dataset.options, [
    "dataset",
    "options",
  ]);
  await context.resolve("architecture", own.model.architecture, ["model", "architecture"]);
  const modelOptions = await context.options("architecture", own.model.architecture, own.model.options, [
    "model",
    "options",
  ]);
  let partition: Shared["partition"] = null;
  let parts: readonly string[] = [];
  if (own.partition !== undefined) {
    const { method } = own.partition;
    const resolved = await context.resolve("partition", method, ["partition", "method"]);
    partition = {
      method,
      options: await context.options("partition", method, own.partition.options, ["partition", "options"]),
    };
    parts = resolved.parts(partition.options);
  }
  return {
    body: own,
    context,
    dataset: { name: dataset.name, options: datasetOptions },
    partition,
    parts: [JOINT, ...parts],
    architecture: { name: own.model.architecture, options: modelOptions },
  };
}

function didYouMean(name: string, valid: readonly string[]): string {
  const close = nearest(name, valid);
  return `${close === undefined ? "" : `Did you mean "${close}"? `}There are: ${valid.join(", ")}.`;
}

/** Parameters with a prefix, as a person compares them. */
function prefixed(prefix: string, values: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(flattenParams(values)).map(([key, value]) => [`${prefix}.${key}`, value]),
  );
}

function planTrain(row: string, shared: Shared): PlannedRow {
  const { body: own, context, dataset, partition, parts, architecture } = shared;
  const { part, checkpoint, training: differing, stream = part } = own.train[row] as Body["train"][string];
  const path = ["train", row];
  if (!parts.includes(part))
    context.fail([...path, "part"], `there is no part "${part}"`, didYouMean(part, parts));
  const training: TrainSettings =
    differing === undefined
      ? context.check(trainSettings, own.training, ["training"])
      : context.check(trainSettings, mergeBlocks(own.training, differing), [...path, "training"]);
  if (checkpoint === "best" && training.validationShare === 0) {
    context.fail(
      [...path, "checkpoint"],
      "the best epoch is chosen on a validation share, but validationShare is 0",
      "Set training.validationShare, e.g. to 0.1.",
    );
  }
  return {
    row,
    kind: "train",
    options: { stream, dataset, partition, part, architecture, training, checkpoint },
    inputs: {},
    params: { ...prefixed("model", architecture.options), ...prefixed("training", training) },
    tags: { method: "train", part },
  };
}

async function planFuse(row: string, earlier: readonly string[], shared: Shared): Promise<PlannedRow> {
  const { body: own, context, dataset, partition, architecture } = shared;
  const {
    method,
    of,
    base,
    weights = of.map(() => 1),
    stream = method,
    options: input,
  } = own.fuse[row] as Body["fuse"][string];
  const path = ["fuse", row];
  const { meta } = await context.resolve("fusion", method, [...path, "method"]);
  const methodOptions = await context.options("fusion", method, input, [...path, "options"]);
  of.forEach((name, i) => {
    if (!earlier.includes(name))
      context.fail(
        [...path, "of", i],
        `there is no row "${name}" before "${row}"`,
        didYouMean(name, earlier),
      );
  });
  if (base !== undefined && !earlier.includes(base)) {
    context.fail([...path, "base"], `there is no row "${base}" before "${row}"`, didYouMean(base, earlier));
  }
  if (base === undefined && meta.needs.includes("base")) {
    context.fail(
      path,
      `the method "${method}" needs the common ancestor of the networks`,
      "Name its row as `base`.",
    );
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (weights.length !== of.length || !(total > 0)) {
    context.fail([...path, "weights"], `${of.length} rows need ${of.length} weights that are not all 0`);
  }
  const needsData = meta.needs.includes("data") || meta.needs.includes("training");
  return {
    row,
    kind: "fuse",
    options: {
      stream,
      method,
      options: methodOptions,
      weights: weights.map((weight) => weight / total),
      data: needsData ? { dataset, partition } : null,
    },
    inputs: { networks: of, ...(base === undefined ? {} : { base: [base] }) },
    params: { ...prefixed("model", architecture.options), ...prefixed(method, methodOptions) },
    tags: { method, of: of.join(", ") },
  };
}

/** Ids of steps, for people: `train a seed=0`. */
const idOf = (kind: string, row: string, seed: number): string => `${kind} ${row} seed=${seed}`;

async function planEvaluations(
  rows: readonly PlannedRow[],
  seed: number,
  { body: own, context, dataset }: Shared,
): Promise<ReadonlyMap<string, readonly PlannedStep[]>> {
  const networkId = new Map(rows.map(({ kind, row }) => [row, idOf(kind, row, seed)]));
  const steps = new Map<string, PlannedStep[]>();
  const add = (row: string, id: string, kind: string, stepOptions: JsonObject): void => {
    const inputs = { networks: [networkId.get(row) as string] };
    steps.set(row, [...(steps.get(row) ?? []), { id, kind, options: stepOptions, inputs }]);
  };
  for (const { row } of rows) add(row, idOf("evaluate", row, seed), "evaluate", { dataset, split: "test" });
  for (const [name, { method, of, options: input = {} }] of Object.entries(own.evaluate)) {
    const path = ["evaluate", name];
    await context.resolve("step", method, [...path, "method"]);
    const stepOptions = await context.options("step", method, { ...input, seed, dataset }, [
      ...path,
      "options",
    ]);
    of.forEach((row, i) => {
      if (!networkId.has(row))
        context.fail([...path, "of", i], `there is no row "${row}"`, didYouMean(row, [...networkId.keys()]));
      add(row, idOf(`${method} ${name} of`, row, seed), method, stepOptions);
    });
  }
  return steps;
}

/**
 * The study of fusing networks that were trained on different parts of the data: deal out, train, fuse, evaluate, per seed.
 * Names of rows and recipes are in no step's options, so that recipes with the same networks train them once.
 */
export const fusionExperiment = defineExperiment({
  name: "fusion",
  title: "Train networks on parts of a data set, fuse them, evaluate all",
  options: body,
  async plan(own, context): Promise<Plan> {
    const shared = await resolveShared(own, context);
    const rows: PlannedRow[] = Object.keys(own.train).map((row) => planTrain(row, shared));
    for (const row of Object.keys(own.fuse)) {
      const earlier = rows.map((each) => each.row);
      if (earlier.includes(row))
        context.fail(["fuse", row], `the row "${row}" exists already`, "Give it another name.");
      rows.push(await planFuse(row, earlier, shared));
    }
    const steps: PlannedStep[] = [];
    const networks: PlannedNetwork[] = [];
    for (const seed of context.seeds) {
      const kindOf = new Map(rows.map(({ row, kind }) => [row, kind]));
      const parents = (names: readonly string[]) =>
        names.map((name) => idOf(kindOf.get(name) as string, name, seed));
      const evaluations = await planEvaluations(rows, seed, shared);
      for (const { row, kind, options: stepOptions, inputs, params, tags } of rows) {
        const id = idOf(kind, row, seed);
        const entries = Object.entries(inputs).map(([name, names]) => [name, parents(names)]);
        steps.push({ id, kind, options: { seed, ...stepOptions }, inputs: Object.fromEntries(entries) });
        const own = evaluations.get(row) ?? [];
        steps.push(...own);
        networks.push({
          row,
          seed,
          step: id,
          evaluations: own.map((step) => step.id),
          params: { seed: String(seed), ...params },
          tags: { architecture: shared.architecture.name, dataset: shared.dataset.name, ...tags },
        });
      }
    }
    return { steps, networks };
  },
});
