import { defineLearner } from "@isthmus/core";
import { z } from "zod";
import { DARK_REPLAY, darkReplay, darkReplayShape, darkState } from "./dark-replay.js";

const options = z.strictObject(darkReplayShape);

/** Options of dark experience replay, resolved. */
export type DerOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    der: DerOptions;
  }
}

/** Dark experience replay: holds the network to the logits that the images of its memory had when they came. See {@link darkReplay}. */
export const der = defineLearner({
  name: "der",
  title: "Dark experience replay",
  description: "Keeps the logits of the images in its memory, and holds the network to them.",
  paper: DARK_REPLAY,
  options,
  needs: () => ({ memory: "online" }),
  beforeTask: (given, context) => darkReplay({ ...given, beta: 0 }, context),
  afterTask: (_options, context) => darkState(context),
});
