import { checkParams, type LearnerState, type Model, type Params, type StepOutputs } from "@isthmus/core";
import { z } from "zod";
import { planMistake } from "./references.js";

const schema = z.object({
  task: z.number(),
  state: z.record(z.string(), z.json()).nullable(),
  memory: z.array(z.array(z.number())),
  steps: z.number(),
  floats: z.number(),
  images: z.number(),
});

/** What the step `learn` leaves in `details`. */
export type LearnedDetails = z.output<typeof schema>;

/** What an earlier task left behind. */
export interface Learned {
  readonly state: LearnerState;
  readonly details: LearnedDetails;
}

/** Reads what a step `learn` left. @throws `plan/invalid` for the outputs of other steps */
export function readLearned({ network, extra, details }: StepOutputs): Learned {
  const parsed = schema.safeParse(details);
  if (network === undefined || !parsed.success)
    throw planMistake("planned with an input that no learner left");
  const { state } = parsed.data;
  return {
    state: {
      params: network.params,
      ...(extra === undefined ? {} : { extra }),
      ...(state === null ? {} : { details: state }),
    },
    details: parsed.data,
  };
}

/** θ₀ fine-tuned on one task, and the updates of weights that took: of a network from a file, none that are known. */
export interface TaskModel {
  readonly params: Params;
  readonly steps: number;
}

/** Reads a task model: what a step `learn` left, or a network from a file. @throws `params/mismatch` where it is not of this network */
export function readTaskModel({ network, details }: StepOutputs, task: number, model: Model): TaskModel {
  if (network === undefined) throw planMistake("planned with a task model that is no network");
  checkParams(model, network.params, `the model of task ${task + 1}`);
  const parsed = schema.safeParse(details);
  return { params: network.params, steps: parsed.success ? parsed.data.steps : 0 };
}
