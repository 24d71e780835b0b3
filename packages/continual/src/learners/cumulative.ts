import { concatenate, defineLearner } from "@isthmus/core";
import { z } from "zod";

const options = z.strictObject({});

/** Options of cumulative training: none. */
export type CumulativeOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    cumulative: CumulativeOptions;
  }
}

/** Trains at each task on all images of all tasks so far, from the weights so far. An upper bound at every task. */
export const cumulative = defineLearner({
  name: "cumulative",
  title: "Cumulative training",
  description: "Trains at each task on all images seen so far, from the weights so far.",
  options,
  beforeTask: (_options, { seen }) => ({ data: concatenate(seen.map(({ train }) => train)) }),
});
