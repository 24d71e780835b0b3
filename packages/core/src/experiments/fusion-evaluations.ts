import type { JsonObject } from "../contracts/json.js";
import type { Shared } from "./fusion-rows.js";
import { checkName } from "./resolve-parts.js";

/** An evaluation of one row, before its seed is known. */
export interface PlannedEvaluation {
  readonly row: string;
  /** Its name in the recipe; undefined for the evaluation on the test images that every row gets. */
  readonly name: string | undefined;
  readonly kind: string;
  /** The step's options; where it takes a seed, the seed is put in later. */
  readonly options: JsonObject;
  readonly takesSeed: boolean;
}

/** Checks what the recipe's entry `evaluate.<name>` asks for. */
async function planEntry(
  name: string,
  rows: readonly string[],
  { body, context, dataset }: Shared,
): Promise<readonly PlannedEvaluation[]> {
  const { method, of, options: own = {} } = body.evaluate[name];
  const path = ["evaluate", name];
  const planned: PlannedEvaluation[] = [];
  await context.collect<void>([
    async () => {
      const { jsonSchema } = (await context.resolve("step", method, [...path, "method"])).options;
      const known = Object.keys((jsonSchema.properties ?? {}) as JsonObject);
      const takesSeed = known.includes("seed");
      if (known.includes("dataset") && dataset === undefined) {
        context.fail(path, "it needs images", "Name a data set as `dataset`.");
      }
      const supplied: JsonObject = {
        ...(takesSeed ? { seed: 0 } : {}),
        ...(known.includes("dataset") ? { dataset: dataset as JsonObject } : {}),
      };
      for (const key of Object.keys(supplied).filter((each) => Object.hasOwn(own, each))) {
        context.fail([...path, "options", key], `the ${key} is the recipe's own`, "Leave it out.");
      }
      const given = { ...own, ...supplied };
      const options = await context.options("step", method, given, [...path, "options"]);
      for (const row of new Set(of)) planned.push({ row, name, kind: method, options, takesSeed });
    },
    ...of.map(
      (row, i) => () => checkName(row, rows, { context, what: `row "${row}"`, path: [...path, "of", i] }),
    ),
  ]);
  return planned;
}

/** Plans the evaluations of some rows: all of them on the test images of the data set, and what the recipe asks for besides. */
export async function planEvaluations(
  rows: readonly string[],
  shared: Shared,
): Promise<readonly PlannedEvaluation[]> {
  const { body, context, dataset } = shared;
  const options = { dataset: dataset as JsonObject, split: "test" };
  const evaluated = dataset === undefined ? [] : rows;
  const always = evaluated.map((row) => ({
    row,
    name: undefined,
    kind: "evaluate",
    options,
    takesSeed: false,
  }));
  const asked = await context.collect(
    Object.keys(body.evaluate).map((name) => () => planEntry(name, rows, shared)),
  );
  return [...always, ...asked.flat()];
}
