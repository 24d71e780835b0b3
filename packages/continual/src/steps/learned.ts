import type { LearnerState, StepOutputs } from "@isthmus/core";
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
