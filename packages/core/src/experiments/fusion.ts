import {
  defineExperiment,
  type Plan,
  type PlanContext,
  type PlannedNetwork,
} from "../contracts/experiment.js";
import type { JsonObject } from "../contracts/json.js";
import type { PlannedStep } from "../contracts/step.js";
import { JOINT } from "../numerics/data/parts.js";
import { type FusionBody, fusionBody } from "./fusion-body.js";
import { type PlannedEvaluation, planEvaluations } from "./fusion-evaluations.js";
import { type PlannedRow, planFuse, planTrain, type Shared } from "./fusion-rows.js";
import { resolveArchitecture, resolveDataset, resolvePart } from "./resolve-parts.js";

async function resolveShared(body: FusionBody, context: PlanContext): Promise<Shared> {
  const { partition: dealing } = body;
  let [dataset, architecture]: JsonObject[] = [];
  let partition: Shared["partition"] = null;
  const parts = [JOINT];
  await context.collect<void>([
    async () => {
      const { name, options } = await resolveDataset(body.dataset, context);
      dataset = { name, options };
    },
    async () => {
      if (dealing === undefined) return;
      const { method, options: input } = dealing;
      const { resolved, options } = await resolvePart("partition", method, input, context, {
        name: ["partition", "method"],
        options: ["partition", "options"],
      });
      partition = { method, options };
      parts.push(...resolved.parts(options));
    },
    async () => {
      const { name, options } = await resolveArchitecture(body.model, context);
      architecture = { name, options };
    },
  ]);
  return {
    body,
    context,
    dataset: dataset as Shared["dataset"],
    partition,
    parts,
    architecture: architecture as Shared["architecture"],
  };
}

/** Checks that no row is both trained and fused. */
function checkDistinct({ train, fuse }: FusionBody, context: PlanContext): void {
  for (const row of Object.keys(fuse)) {
    if (Object.hasOwn(train, row))
      context.fail(["fuse", row], `the row "${row}" exists already`, "Give it another name.");
  }
}

/** Ids of steps, for people: `train a seed=0`. */
const idOf = (kind: string, row: string, seed: number): string => `${kind} ${row} seed=${seed}`;

/** The steps and networks of one seed. */
function planSeed(
  seed: number,
  rows: readonly PlannedRow[],
  evaluations: readonly PlannedEvaluation[],
  { architecture, dataset }: Shared,
): Plan {
  const steps: PlannedStep[] = [];
  const networks: PlannedNetwork[] = [];
  const idOfRow = new Map(rows.map(({ kind, row }) => [row, idOf(kind, row, seed)]));
  const idsOf = (names: readonly string[]) => names.map((name) => idOfRow.get(name) as string);
  for (const { row, kind, options, inputs, params, tags } of rows) {
    const [id] = idsOf([row]);
    const parents = Object.entries(inputs).map(([name, parentRows]) => [name, idsOf(parentRows)]);
    const own = evaluations
      .filter((each) => each.row === row)
      .map(
        (each): PlannedStep => ({
          id: idOf(each.name === undefined ? each.kind : `${each.kind} ${each.name} of`, row, seed),
          kind: each.kind,
          options: each.takesSeed ? { ...each.options, seed } : each.options,
          inputs: { networks: [id] },
        }),
      );
    steps.push({ id, kind, options: { seed, ...options }, inputs: Object.fromEntries(parents) }, ...own);
    networks.push({
      row,
      seed,
      step: id,
      evaluations: own.map((step) => step.id),
      params: { seed: String(seed), ...params },
      tags: { architecture: architecture.name, dataset: dataset.name, ...tags },
    });
  }
  return { steps, networks };
}

/**
 * The study of fusing networks that were trained on different parts of the data: deal out, train, fuse, evaluate, per seed.
 * Names of rows and recipes are in no step's options, so that recipes with the same networks train them once.
 */
export const fusionExperiment = defineExperiment({
  name: "fusion",
  title: "Train networks on parts of a data set, fuse them, evaluate all",
  options: fusionBody,
  async plan(body, context): Promise<Plan> {
    const trained = Object.keys(body.train);
    const names = [...trained, ...Object.keys(body.fuse)];
    let shared: Shared | undefined;
    await context.collect<void>([
      async () => {
        shared = await resolveShared(body, context);
      },
      () => checkDistinct(body, context),
    ]);
    const known = shared as Shared;
    let rows: readonly PlannedRow[] = [];
    let evaluations: readonly PlannedEvaluation[] = [];
    await context.collect<void>([
      async () => {
        rows = await context.collect(
          names.map(
            (row, i) => async () =>
              i < trained.length ? planTrain(row, known) : planFuse(row, names.slice(0, i), known),
          ),
        );
      },
      async () => {
        evaluations = await planEvaluations(names, known);
      },
    ]);
    const plans = context.seeds.map((seed) => planSeed(seed, rows, evaluations, known));
    return {
      steps: plans.flatMap(({ steps }) => steps),
      networks: plans.flatMap(({ networks }) => networks),
    };
  },
});
