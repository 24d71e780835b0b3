import { defineArchitecture, tf } from "@isthmus/core";
import type { z } from "zod";
import { activate } from "./parts/layers.js";
import { buildRecurrent, type Cell, recognizeRecurrent, recurrentOptions } from "./parts/recurrent.js";

/** Options of the recurrent network. */
export type RnnOptions = z.output<typeof recurrentOptions>;

declare module "@isthmus/core" {
  interface ArchitectureOptions {
    rnn: RnnOptions;
  }
}

const cell: Cell = {
  name: "rnn",
  gates: 1,
  next(pre, { memory }, units, context) {
    return { hidden: activate(units, pre, context, tf.tanh), memory };
  },
};

/**
 * Recurrent network (Elman 1990) that reads an image row by row: h ← tanh(x W + h U + b) for each row x from the top, then a dense
 * layer on the last h. W is `layers.<l>.kernel` `[in, units]`, U `layers.<l>.recurrent` `[units, units]`, b `layers.<l>.bias`, the
 * sum of PyTorch's two.
 */
export const rnn = defineArchitecture({
  name: "rnn",
  title: "Recurrent network",
  description: "Reads an image row by row into states of tanh units.",
  options: recurrentOptions,
  build: (options, task) => buildRecurrent(cell, options, task),
  recognize: (tensors, given) => recognizeRecurrent(cell, tensors, given),
});
