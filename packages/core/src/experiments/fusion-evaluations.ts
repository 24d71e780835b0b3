import type { JsonObject } from "../contracts/json.js";
import type { StepKind } from "../contracts/step.js";
import type { Shared } from "./fusion-rows.js";
import { checkName } from "./resolve-parts.js";

/** An evaluation of one row, or of several together, before its seed is known. */
export interface PlannedEvaluation {
  /** In the order in which the step reads them; it belongs to the first. */
  readonly rows: readonly string[];
  /** Its name in the recipe; undefined for the evaluation on the test images that every row gets. */
  readonly name: string | undefined;
  readonly kind: string;
  /** The step's options; where it takes a seed, the seed is put in later. */
  readonly options: JsonObject;
  readonly takesSeed: boolean;
}

/** Checks that a kind of step which reads several networks gets as many as it takes. */
function checkCount(
  found: number,
  { atLeast, atMost = Number.POSITIVE_INFINITY }: NonNullable<StepKind["together"]>,
  method: string,
  path: readonly PropertyKey[],
  context: Shared["context"],
): void {
  if (found >= atLeast && found <= atMost) return;
  const wanted = found < atLeast ? `at least ${atLeast}` : `at most ${atMost}`;
  context.fail(path, `"${method}" reads ${wanted} different rows, but ${found} are named`);
}

/** Checks what the recipe's entry `evaluate.<name>` asks for. */
async function planEntry(
  name: string,
  rows: readonly string[],
  { body, context, dataset }: Shared,
): Promise<readonly PlannedEvaluation[]> {
  const { method, of, options: own = {} } = body.evaluate[name];
  const distinct = [...new Set(of)];
  const path = ["evaluate", name];
  const planned: PlannedEvaluation[] = [];
  await context.collect<void>([
    async () => {
      const { together, options: schema } = await context.resolve("step", method, [...path, "method"]);
      const { jsonSchema } = schema;
      if (together !== undefined) checkCount(distinct.length, together, method, [...path, "of"], context);
      const known = Object.keys((jsonSchema.properties ?? {}) as JsonObject);
      const takesSeed = known.includes("seed");
      if (known.includes("dataset") && dataset === undefined) {
        context.fail(path, "it needs images", "Name a data set as `dataset`.");
      }
      const supplied: JsonObject = {
        ...(takesSeed ? { seed: 0 } : {}),
        ...(known.includes("dataset") ? { dataset: dataset as JsonObject } : {}),
        ...(together !== undefined && known.includes("names") ? { names: distinct } : {}),
      };
      for (const key of Object.keys(supplied).filter((each) => Object.hasOwn(own, each))) {
        context.fail([...path, "options", key], "it is the recipe's own", "Leave it out.");
      }
      const given = { ...own, ...supplied };
      const options = await context.options("step", method, given, [...path, "options"]);
      const steps = together === undefined ? distinct.map((row) => [row]) : [distinct];
      for (const rows of steps) planned.push({ rows, name, kind: method, options, takesSeed });
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
    rows: [row],
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
