import { concatenate, defineLearner, initialize } from "@isthmus/core";
import { z } from "zod";

const options = z.strictObject({});

/** Options of joint training: none. */
export type JointOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    joint: JointOptions;
  }
}

/** Trains once on all images of all tasks together, from fresh random weights of its own. An upper bound. */
export const joint = defineLearner({
  name: "joint",
  title: "Joint training",
  description: "Trains once, on the images of all tasks together.",
  options,
  once: true,
  beforeTask: (_options, { seen, model, rng, objective }) => ({
    objective: objective(initialize(model, rng.fork("init"))),
    data: concatenate(seen.map(({ train }) => train)),
  }),
});
