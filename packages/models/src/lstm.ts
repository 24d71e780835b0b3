import { defineArchitecture, tf } from "@isthmus/core";
import type { z } from "zod";
import { activate } from "./parts/layers.js";
import { buildRecurrent, type Cell, recognizeRecurrent, recurrentOptions } from "./parts/recurrent.js";

/** Options of the LSTM. */
export type LstmOptions = z.output<typeof recurrentOptions>;

declare module "@isthmus/core" {
  interface ArchitectureOptions {
    lstm: LstmOptions;
  }
}

const cell: Cell = {
  name: "lstm",
  gates: 4,
  next(pre, { memory }, units, context) {
    const [input, forget, candidate, output] = tf.split(pre, 4, 1) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ]; // prettier-ignore
    const kept = tf.mul(tf.sigmoid(forget), memory);
    const next = tf.add(kept, tf.mul(tf.sigmoid(input), tf.tanh(candidate)));
    const hidden = activate(units, next, context, (c) => tf.mul(tf.sigmoid(output), tf.tanh(c)));
    return { hidden, memory: next };
  },
};

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000) that reads an image row by row.
 * For each row x from the top, with (i, f, g, o) = x W + h U + b for every unit:
 *
 *     c ← σ(f) c + σ(i) tanh(g)     h ← σ(o) tanh(c)
 *
 * then a dense layer on the last h. W is `layers.<l>.kernel` `[in, 4, units]`, U `layers.<l>.recurrent` `[units, 4, units]`, b
 * `layers.<l>.bias` `[4, units]`, the sum of PyTorch's two. `tap` sees c as what comes before the nonlinearity, h as what comes after it.
 */
export const lstm = defineArchitecture({
  name: "lstm",
  title: "LSTM",
  description: "Reads an image row by row into memory cells with gates.",
  options: recurrentOptions,
  build: (options, task) => buildRecurrent(cell, options, task),
  recognize: (tensors, given) => recognizeRecurrent(cell, tensors, given),
});
