import { defineLearner } from "@isthmus/core";
import { z } from "zod";
import { DARK_REPLAY, darkReplay, darkReplayShape, darkState } from "./dark-replay.js";

const options = z.strictObject({
  ...darkReplayShape,
  beta: z
    .number()
    .positive()
    .default(0.5)
    .describe("β, weight of the cross-entropy on another minibatch of the memory"),
});

/** Options of DER++, resolved. */
export type DerppOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    derpp: DerppOptions;
  }
}

/** DER++: dark experience replay that trains on the labels of its memory too. See {@link darkReplay}. */
export const derpp = defineLearner({
  name: "derpp",
  title: "DER++",
  description: "Holds the network to the logits and to the labels of the images in its memory.",
  paper: DARK_REPLAY,
  options,
  needs: () => ({ memory: "online" }),
  beforeTask: (given, context) => darkReplay(given, context),
  afterTask: (_options, context) => darkState(context),
});
