import { defineLearner } from "@isthmus/core";
import { z } from "zod";

const options = z.strictObject({});

/** Options of sequential fine-tuning: none. */
export type NaiveOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    naive: NaiveOptions;
  }
}

/** Sequential fine-tuning: each task is trained from the weights after the task before, on its own images alone. A lower bound. */
export const naive = defineLearner({
  name: "naive",
  title: "Sequential fine-tuning",
  description: "Trains on each task from the weights so far, and does nothing against forgetting.",
  options,
});
