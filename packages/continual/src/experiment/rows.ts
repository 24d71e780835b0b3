import {
  type JsonObject,
  type LearnerNeeds,
  mergeBlocks,
  type PlanContext,
  prefixedParams,
  resolvePart,
  type TrainSettings,
  trainSettings,
  withUsed,
} from "@isthmus/core";
import { type MemoryOptions, onlineRule } from "../memory/options.js";
import type { ContinualBody } from "./body.js";

/** A row of the table before its seed is known. */
export interface PlannedLearner {
  readonly row: string;
  /** Key of the recipe from which it comes: several rows, where the memory has several sizes. */
  readonly group: string;
  /** Options of its steps that no other row need have: learner, stream, training, memory, mask. */
  readonly options: JsonObject;
  readonly taskModels: boolean;
  readonly once: boolean;
  /** True where it reads the network's answers in its own way. */
  readonly readsOut: boolean;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** What learners are told of training where their task models come from files: they train on no task. */
const NO_TRAINING: TrainSettings = trainSettings.parse({ epochs: 0, optimizer: { kind: "adam" } });

/** What learners have to know of the recipe's networks. */
interface NetworksInUse {
  /** True where they have running statistics. */
  readonly hasStatistics: boolean;
  /** True where task models come from files. */
  readonly fromFiles: boolean;
}

interface Fusions {
  /** The methods that are called, with those that these call. */
  readonly uses: readonly string[];
  /** True where one of them is given the memory's images. */
  readonly memory: boolean;
}

/** Checks the fusion methods that a learner calls, and their options. */
async function checkFusions(
  { fusions = [] }: LearnerNeeds,
  path: readonly PropertyKey[],
  { hasStatistics, fromFiles }: NetworksInUse,
  context: PlanContext,
): Promise<Fusions> {
  const found = await context.collect(
    fusions.map(({ method, options, at, afterwards = "none", memory = false }) => async () => {
      const place = [...path, ...at];
      const { resolved } = await resolvePart("fusion", method, options, context, {
        name: [...place, "method"],
        options: [...place, "options"],
      });
      const { needs } = resolved.meta;
      if (fromFiles && needs.includes("base")) {
        context.fail(
          [...place, "method"],
          `the method "${method}" needs the common ancestor of the task models, which their files do not hold`,
          "Leave `taskModels` out, so that they are trained, or take another method.",
        );
      }
      const looks = afterwards === "repair" || (afterwards === "statistics" && hasStatistics);
      const reads = looks || needs.includes("data") || needs.includes("training");
      return { uses: await withUsed([method], [...place, "method"], context), memory: memory && reads };
    }),
  );
  return {
    uses: [...new Set(found.flatMap(({ uses }) => uses))],
    memory: found.some(({ memory }) => memory),
  };
}

/** The memories with which a learner is tried: none, where it uses none. */
function memoriesOf(row: string, used: boolean | "online", body: ContinualBody, context: PlanContext) {
  if (used === false) return [null];
  const memory = body.learn[row].memory ?? body.memory;
  if (memory === undefined) {
    return context.fail(
      ["learn", row],
      "it uses images of earlier tasks, but the recipe does not say how many are kept",
      "For example: memory: { policy: random, size: 500 }.",
    );
  }
  const memories = [memory.size].flat().map((size): MemoryOptions => ({ ...memory, size }));
  if (used === "online" && memories.some((each) => onlineRule(each) === undefined)) {
    return context.fail(
      ["learn", row],
      "it fills its memory while it trains, but the recipe's cannot be filled so",
      "For example: memory: { policy: reservoir, size: 500, per: total }; or `policy: balanced`.",
    );
  }
  return memories;
}

/** Plans the rows of one of the recipe's learners, of networks that have running statistics or none. */
export async function planLearner(
  row: string,
  body: ContinualBody,
  hasStatistics: boolean,
  context: PlanContext,
): Promise<readonly PlannedLearner[]> {
  const { method, options: input, training: differing = {}, stream, mask = body.mask } = body.learn[row];
  const path = ["learn", row];
  let planned: readonly PlannedLearner[] = [];
  await context.collect<void>([
    async () => {
      const { resolved: learner, options } = await resolvePart("learner", method, input, context, {
        name: [...path, "method"],
        options: [...path, "options"],
      });
      const needs = learner.needs?.(options) ?? {};
      const files = needs.taskModels === true ? body.taskModels : undefined;
      const inUse = { hasStatistics, fromFiles: files !== undefined };
      const fusions = await checkFusions(needs, [...path, "options"], inUse, context);
      const { uses } = fusions;
      const settings = mergeBlocks(body.training as JsonObject, differing as JsonObject);
      const training =
        files === undefined
          ? context.check(trainSettings, settings, [...path, "training"], ["training"])
          : NO_TRAINING;
      const memories = memoriesOf(row, needs.memory || fusions.memory, body, context);
      planned = memories.map((memory) => ({
        row: memories.length > 1 ? `${row}-${memory?.size}` : row,
        group: row,
        options: {
          learner: { name: method, options },
          stream,
          training,
          mask,
          memory,
          ...(uses.length === 0 ? {} : { uses }),
        },
        taskModels: needs.taskModels === true,
        once: learner.once === true,
        readsOut: learner.readout !== undefined,
        params: {
          ...(files === undefined ? prefixedParams("training", training) : {}),
          ...prefixedParams(method, options),
          ...(memory === null ? {} : prefixedParams("memory", { ...memory })),
        },
        tags: { method, group: row, ...(files === undefined ? {} : { files: files.join(", ") }) },
      }));
    },
  ]);
  return planned;
}
