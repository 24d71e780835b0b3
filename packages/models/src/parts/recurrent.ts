import {
  type ApplyContext,
  type Model,
  type NamedShape,
  type ParameterSpec,
  type TaskShape,
  tf,
  type UnitAxis,
} from "@isthmus/core";
import { z } from "zod";
import { mapOf } from "./images.js";
import { Layers, type Units } from "./layers.js";
import { verified } from "./recognize.js";
import { scaled } from "./widths.js";

/** Options of a recurrent network. */
export const recurrentOptions = z.strictObject({
  hidden: z.number().int().positive().default(128).describe("units of each layer"),
  layers: z
    .number()
    .int()
    .positive()
    .default(1)
    .describe("layers, each of which reads the states of the one before"),
  width: z.number().positive().default(1).describe("factor of the number of units"),
  bias: z.boolean().default(false).describe("add a bias to every layer"),
});
type RecurrentOptions = z.output<typeof recurrentOptions>;

/** What a layer remembers, `[batch, units]` each: the states that are read, and what a cell keeps besides. */
export interface State {
  readonly hidden: tf.Tensor;
  readonly memory: tf.Tensor;
}

/** A kind of recurrent network. */
export interface Cell {
  /** Of the architecture, and of PyTorch's module. */
  readonly name: "rnn" | "lstm";
  /** Numbers that are computed for each unit at each time. */
  readonly gates: 1 | 4;
  /** The next state from `pre` = x W + h U + b, `[batch, gates · units]`. */
  next(pre: tf.Tensor, state: State, units: Units, context: ApplyContext): State;
}

/** Adds a layer's parameters. With several gates they have an axis of their own, so that the last one indexes units alone. */
function addParameters(
  layers: Layers,
  { name, gates }: Cell,
  l: number,
  from: Units,
  to: Units,
  bias: boolean,
) {
  const initializer = { kind: "uniform", bound: 1 / Math.sqrt(to.size) } as const;
  const own = gates === 1 ? [to.size] : [gates, to.size];
  const add = (
    part: string,
    role: ParameterSpec["role"],
    inputs: Units | undefined,
    torch: readonly string[],
  ) => {
    const shape = [...(inputs === undefined ? [] : [inputs.size]), ...own];
    const several = inputs === undefined ? "gate-bias" : "gates";
    const single = inputs === undefined ? "same" : "linear";
    const incoming: [Units, number, UnitAxis["side"]] = [to, shape.length - 1, "incoming"];
    layers.parameter(
      { name: `layers.${l}.${part}`, shape, initializer, role },
      torch.map((key) => [`${name}.${key}_l${l}`, gates === 1 ? single : several] as const),
      inputs === undefined ? [incoming] : [[inputs, 0, "outgoing"], incoming],
    );
  };
  add("kernel", "weight", from, ["weight_ih"]);
  add("recurrent", "weight", to, ["weight_hh"]);
  if (bias) add("bias", "bias", undefined, ["bias_ih", "bias_hh"]);
}

/**
 * A recurrent network that reads an image row by row, from the top, a row `[width · channels]` at a time; the states after the last
 * row go through a dense layer. Kernels `layers.<l>.kernel` read the row or the states of the layer before, `layers.<l>.recurrent`
 * the layer's own states of the row before. All start uniform on ±1/√units, PyTorch's default.
 */
export function buildRecurrent(cell: Cell, options: RecurrentOptions, task: TaskShape): Model {
  const { hidden, layers: depth, width, bias } = options;
  const image = mapOf(cell.name, task);
  const layers = new Layers();
  let from: Units = { size: image.width * image.channels };
  const stack = Array.from({ length: depth }, (_, l) => {
    const to = layers.units(`hidden.${l}`, scaled(hidden, width));
    addParameters(layers, cell, l, from, to, bias);
    const inputs = from.size;
    from = to;
    return { l, inputs, units: to };
  });
  const to = { size: task.classes };
  const classifier = layers.dense({ name: "classifier", key: "fc", from, to, bias });
  return {
    spec: { architecture: cell.name, options, task },
    parameters: layers.parameters,
    symmetry: layers.symmetry,
    torch: layers.torch,
    apply(params, images, context) {
      const batch = images.shape[0] as number;
      let sequence: tf.Tensor = tf.reshape(images, [batch, image.height, image.width * image.channels]);
      let last: tf.Tensor | undefined;
      for (const { l, inputs, units } of stack) {
        const gates = cell.gates * units.size;
        const read = (part: string, shape: number[]) =>
          tf.reshape(params.get(`layers.${l}.${part}`) as tf.Tensor, shape);
        // What comes from the rows is computed for all of them at once.
        let rows = tf.matMul(
          tf.reshape(sequence, [batch * image.height, inputs]),
          read("kernel", [inputs, gates]),
        );
        if (bias) rows = tf.add(rows, read("bias", [gates]));
        const recurrent = read("recurrent", [units.size, gates]);
        const zeros = tf.zeros([batch, units.size]);
        let state: State = { hidden: zeros, memory: zeros };
        const states = tf.unstack(tf.reshape(rows, [batch, image.height, gates]), 1).map((row) => {
          state = cell.next(tf.add(row, tf.matMul(state.hidden, recurrent)), state, units, context);
          return state.hidden;
        });
        last = state.hidden;
        if (l < depth - 1) sequence = tf.stack(states, 1);
      }
      return classifier(last as tf.Tensor, { params, context });
    },
  };
}

/** `recognize` of a recurrent network. Shapes don't tell the number of rows: common images are known by the length of theirs. */
export function recognizeRecurrent(cell: Cell, tensors: readonly NamedShape[], given: Partial<TaskShape>) {
  const matrices = tensors.map(({ shape }) => shape).filter(({ length }) => length === 2);
  const layers = (matrices.length - 1) / 2;
  const inputs = matrices[0]?.[1];
  const inputShape = given.inputShape ?? { 28: [28, 28, 1], 96: [32, 32, 3] }[inputs ?? 0];
  if (layers < 1 || !Number.isInteger(layers) || inputShape === undefined) return undefined;
  const [hidden, classes] = [matrices[1]?.[1] as number, matrices.at(-1)?.[0] as number];
  const options = { hidden, layers, width: 1, bias: tensors.at(-1)?.shape.length === 1 };
  const task = { classes, ...given, inputShape };
  const build = (own: RecurrentOptions, shape: TaskShape) => buildRecurrent(cell, own, shape);
  return hidden > 0 ? verified(build, { options, task }, tensors) : undefined;
}
