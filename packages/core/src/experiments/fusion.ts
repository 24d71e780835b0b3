import {
  defineExperiment,
  type Plan,
  type PlanContext,
  type PlannedNetwork,
} from "../contracts/experiment.js";
import type { PlannedStep } from "../contracts/step.js";
import { JOINT } from "../numerics/data/parts.js";
import { type FusionBody, fusionBody } from "./fusion-body.js";
import { type PlannedEvaluation, planEvaluations } from "./fusion-evaluations.js";
import {
  type ArchitectureInUse,
  type PlannedRow,
  planFuse,
  planLoad,
  planTrain,
  type Shared,
} from "./fusion-rows.js";
import { resolveArchitecture, resolveDataset, resolvePart } from "./resolve-parts.js";

async function resolveShared(body: FusionBody, context: PlanContext): Promise<Shared> {
  const { partition: dealing } = body;
  const trains = Object.keys(body.train).length > 0;
  let dataset: Shared["dataset"];
  let architecture: Shared["architecture"];
  let partition: Shared["partition"] = null;
  const parts = [JOINT];
  await context.collect<void>([
    async () => {
      if (body.dataset === undefined) {
        if (trains || dealing !== undefined) {
          context.fail(["dataset"], "missing; expected the data set of the networks to train");
        }
        return;
      }
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
      if (body.model === undefined) {
        if (trains) context.fail(["model"], "missing; expected the architecture of the networks to train");
        return;
      }
      const { name, options } = await resolveArchitecture(body.model, context);
      architecture = { name, options };
    },
  ]);
  return { body, context, dataset, partition, parts, architecture };
}

/** Checks that there are networks, and no two rows of one name. */
function checkRows({ load, train, fuse }: FusionBody, context: PlanContext): void {
  const names = new Set<string>();
  for (const [section, rows] of Object.entries({ load, train, fuse })) {
    for (const row of Object.keys(rows)) {
      if (names.has(row))
        context.fail([section, row], `the row "${row}" exists already`, "Give it another name.");
      names.add(row);
    }
  }
  if (names.size === 0) context.fail([], "there are no networks", "Name some under `train` or `load`.");
}

/** Ids of steps, for people: `train a seed=0`. */
const idOf = (kind: string, row: string, seed: number): string => `${kind} ${row} seed=${seed}`;

/** The step of an evaluation that reads the steps `ids`. */
function stepOf(
  { rows, name, kind, options, takesSeed }: PlannedEvaluation,
  ids: readonly string[],
  seed: number,
): PlannedStep {
  const row = name === undefined ? kind : `${kind} ${name} of`;
  return {
    id: rows.length > 1 ? idOf(kind, name as string, seed) : idOf(row, rows[0], seed),
    kind,
    options: takesSeed ? { ...options, seed } : options,
    inputs: { networks: ids },
  };
}

/** The steps and networks of one seed: each network with its own evaluations, then those of several together. */
function planSeed(
  seed: number,
  rows: readonly PlannedRow[],
  evaluations: readonly PlannedEvaluation[],
  { dataset }: Shared,
): Plan {
  const steps: PlannedStep[] = [];
  const shared: PlannedStep[] = [];
  const networks: PlannedNetwork[] = [];
  const idOfRow = new Map(rows.map(({ kind, row }) => [row, idOf(kind, row, seed)]));
  const idsOf = (names: readonly string[]) => names.map((name) => idOfRow.get(name) as string);
  for (const { row, kind, architecture, options, inputs, trains, params, tags } of rows) {
    const [id] = idsOf([row]);
    const parents = Object.entries(inputs).map(([name, parentRows]) => [name, idsOf(parentRows)]);
    const own = evaluations
      .filter((each) => each.rows[0] === row)
      .map((each) => stepOf(each, idsOf(each.rows), seed));
    const isShared = (step: PlannedStep) => (step.inputs.networks as readonly string[]).length > 1;
    const seeded = kind === "import" ? options : { seed, ...options };
    steps.push({ id, kind, options: seeded, inputs: Object.fromEntries(parents), trains });
    steps.push(...own.filter((step) => !isShared(step)));
    shared.push(...own.filter(isShared));
    networks.push({
      row,
      seed,
      step: id,
      evaluations: own.map((step) => step.id),
      params: { seed: String(seed), ...params },
      tags: { architecture: architecture.name, ...(dataset && { dataset: dataset.name }), ...tags },
    });
  }
  return { steps: [...steps, ...shared], networks };
}

/** Plans all rows: those that come from files, those to train, those to fuse. */
async function planRows(shared: Shared): Promise<readonly PlannedRow[]> {
  const { body, context } = shared;
  const architectures = new Map<string, ArchitectureInUse>();
  const planned = async (row: string, planning: Promise<PlannedRow>): Promise<PlannedRow> => {
    // A row that cannot be planned is there for those after it, which are not to be reported as well.
    architectures.set(row, shared.architecture ?? { name: "", options: {} });
    const plannedRow = await planning;
    architectures.set(row, plannedRow.architecture);
    return plannedRow;
  };
  return context.collect([
    ...Object.keys(body.load).map((row) => () => planned(row, planLoad(row, shared))),
    ...Object.keys(body.train).map((row) => () => planned(row, planTrain(row, shared))),
    ...Object.keys(body.fuse).map((row) => () => planned(row, planFuse(row, new Map(architectures), shared))),
  ]);
}

/**
 * The study of fusing networks that were trained on different parts of the data, or come from files: deal out, load, train, fuse,
 * evaluate, per seed.
 * Names of rows and recipes are in no step's options, so that recipes with the same networks train them once.
 */
export const fusionExperiment = defineExperiment({
  name: "fusion",
  title: "Train networks on parts of a data set, fuse them, evaluate all",
  options: fusionBody,
  async plan(body, context): Promise<Plan> {
    const given = [...Object.keys(body.load), ...Object.keys(body.train)];
    const names = [...given, ...Object.keys(body.fuse)];
    let shared: Shared | undefined;
    await context.collect<void>([
      async () => {
        shared = await resolveShared(body, context);
      },
      () => checkRows(body, context),
    ]);
    const known = shared as Shared;
    let rows: readonly PlannedRow[] = [];
    let evaluations: readonly PlannedEvaluation[] = [];
    await context.collect<void>([
      async () => {
        rows = await planRows(known);
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
