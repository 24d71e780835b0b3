import type { PlanContext } from "../contracts/experiment.js";
import type { JsonObject } from "../contracts/json.js";
import { trainSettings } from "../numerics/training/settings.js";
import { mergeBlocks } from "../recipe/merge-blocks.js";
import type { FusionBody } from "./fusion-body.js";
import { checkName, prefixedParams, withUsed } from "./resolve-parts.js";

/** What all steps of a recipe share. */
export interface Shared {
  readonly body: FusionBody;
  readonly context: PlanContext;
  /** Undefined where the recipe names none: then nothing can be trained or evaluated. */
  readonly dataset: { readonly name: string; readonly options: JsonObject } | undefined;
  readonly partition: { readonly method: string; readonly options: JsonObject } | null;
  /** Names of the parts, `joint` first. */
  readonly parts: readonly string[];
  /** Of the networks to train; undefined where there are none. */
  readonly architecture: ArchitectureInUse | undefined;
}

/** An architecture with its resolved options. */
export type ArchitectureInUse = { readonly name: string; readonly options: JsonObject };

/** What is planned of a row before its seed is known: the step's kind, options and parent rows. */
export interface PlannedRow {
  readonly row: string;
  readonly kind: "import" | "train" | "fuse";
  readonly architecture: ArchitectureInUse;
  readonly options: JsonObject;
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  readonly trains: boolean;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** Plans a network that a file holds. Its step knows what is in the file, not where it lies. */
export async function planLoad(row: string, { body, context }: Shared): Promise<PlannedRow> {
  const { file, architecture: name, options } = body.load[row];
  const path = ["load", row];
  if (name === undefined && options !== undefined) {
    context.fail([...path, "options"], "these are options of no architecture", "Name it as `architecture`.");
  }
  if (name !== undefined) await context.resolve("architecture", name, [...path, "architecture"]);
  const given = name === undefined ? undefined : { name, options: options ?? {} };
  const { sha256, spec } = await context.network(file, given, [...path, "file"]);
  const architecture = { name: spec.architecture, options: spec.options as JsonObject };
  return {
    row,
    kind: "import",
    architecture,
    options: { sha256, spec: spec as unknown as JsonObject },
    inputs: {},
    trains: false,
    params: prefixedParams("model", architecture.options),
    tags: { method: "load", file },
  };
}

/** Plans a network to train. */
export async function planTrain(row: string, shared: Shared): Promise<PlannedRow> {
  const { body, context, partition, parts } = shared;
  const dataset = shared.dataset as NonNullable<Shared["dataset"]>;
  const architecture = shared.architecture as ArchitectureInUse;
  const { part, checkpoint, training: differing = {}, stream = part } = body.train[row];
  const path = ["train", row];
  const [training] = await context.collect([
    () => {
      const settings = mergeBlocks(body.training, differing);
      const checked = context.check(trainSettings, settings, [...path, "training"], ["training"]);
      if (checkpoint === "best" && checked.validationShare === 0) {
        context.fail(
          [...path, "checkpoint"],
          "the best epoch is chosen on a validation share, but validationShare is 0",
          "Set training.validationShare, e.g. to 0.1.",
        );
      }
      return checked;
    },
    () => {
      checkName(part, parts, { context, what: `part "${part}"`, path: [...path, "part"] });
      return undefined;
    },
  ]);
  const settings = training as NonNullable<typeof training>;
  return {
    row,
    kind: "train",
    architecture,
    options: { stream, dataset, partition, part, architecture, training: settings, checkpoint },
    inputs: {},
    trains: true,
    params: { ...prefixedParams("model", architecture.options), ...prefixedParams("training", settings) },
    tags: { method: "train", part },
  };
}

/** Shares that add up to 1. */
function planWeights(row: string, { body, context }: Shared): readonly number[] {
  const { of, weights = of.map(() => 1) } = body.fuse[row];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (weights.length !== of.length || !(total > 0)) {
    context.fail(
      ["fuse", row, "weights"],
      `${of.length} rows need ${of.length} weights that are not all 0, found ${JSON.stringify(weights)}`,
    );
  }
  return weights.map((weight) => weight / total);
}

/** Checks that a fusion reads rows that come before it. */
async function checkParents(row: string, earlier: readonly string[], { body, context }: Shared) {
  const { of, base } = body.fuse[row];
  const check = (name: string, path: readonly PropertyKey[]) => () =>
    checkName(name, earlier, {
      context,
      what: `row "${name}" before "${row}"`,
      path: ["fuse", row, ...path],
    });
  await context.collect([
    ...of.map((name, i) => check(name, ["of", i])),
    ...(base === undefined ? [] : [check(base, ["base"])]),
  ]);
}

/** Plans a network to fuse from rows before it, of which `architectures` tells the architecture. */
export async function planFuse(
  row: string,
  architectures: ReadonlyMap<string, ArchitectureInUse>,
  shared: Shared,
): Promise<PlannedRow> {
  const { body, context, dataset, partition } = shared;
  const { method, of, base, afterwards, stream = method, options: input } = body.fuse[row];
  const path = ["fuse", row];
  let [options, data, weights]: [JsonObject, JsonObject | null, readonly number[]] = [{}, null, []];
  let uses: readonly string[] = [];
  let trains = false;
  await context.collect<void>([
    async () => {
      const { meta } = await context.resolve("fusion", method, [...path, "method"]);
      if (base === undefined && meta.needs.includes("base")) {
        context.fail(
          path,
          `the method "${method}" needs the common ancestor of the networks`,
          "Name its row as `base`.",
        );
      }
      uses = await withUsed(meta.uses ?? [], path, context);
      options = await context.options("fusion", method, input, [...path, "options"]);
      trains = meta.needs.includes("training");
      if (dataset === undefined && (trains || afterwards === "repair")) {
        const what = trains ? `the method "${method}"` : "repair";
        context.fail(path, `${what} needs training images`, "Name a data set as `dataset`.");
      }
      const takesData = trains || meta.needs.includes("data") || afterwards !== "none";
      if (dataset !== undefined && takesData) data = { dataset, partition };
    },
    () => checkParents(row, [...architectures.keys()], shared),
    () => {
      weights = planWeights(row, shared);
    },
  ]);
  const architecture = architectures.get(of[0]) as ArchitectureInUse;
  return {
    row,
    kind: "fuse",
    architecture,
    options: { stream, method, options, weights, data, afterwards, ...(uses.length === 0 ? {} : { uses }) },
    inputs: { networks: of, ...(base === undefined ? {} : { base: [base] }) },
    trains,
    params: {
      ...prefixedParams("model", architecture.options),
      ...prefixedParams(method, options),
      afterwards,
    },
    tags: { method, of: of.join(", ") },
  };
}
