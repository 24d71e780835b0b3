import { type Model, tf } from "@isthmus/core";
import { incoming, outgoing, parameter } from "./parameters.js";

type Matrix = ReturnType<typeof tf.tensor2d>;

/**
 * Two recurrent layers that read an image of 6×6 row by row, and a dense output: 3 classes. Plain cells have one gate, the
 * units' new value; LSTM cells four, in the order i, f, g, o. Kernels are `[in, gates, units]`; the recurrent one has the
 * layer's group on both sides.
 */
export function recurrentModel(cell: "rnn" | "lstm", hidden: readonly number[]): Model {
  const gates = cell === "rnn" ? 1 : 4;
  const inputs = [6, ...hidden];
  const last = hidden.length;
  return {
    spec: {
      architecture: `test-${cell}`,
      options: { hidden: [...hidden] },
      task: { inputShape: [6, 6, 1], classes: 3 },
    },
    parameters: [
      ...hidden.flatMap((units, l) => [
        parameter(`input${l}`, [inputs[l], gates, units], "weight"),
        parameter(`recurrent${l}`, [units, gates, units], "weight"),
        parameter(`bias${l}`, [gates, units], "bias"),
      ]),
      parameter("dense", [inputs[last], 3], "weight"),
    ],
    symmetry: hidden.map((size, l) => ({
      name: `units${l}`,
      size,
      axes: [
        incoming(`input${l}`, 2),
        incoming(`recurrent${l}`, 2),
        outgoing(`recurrent${l}`, 0),
        incoming(`bias${l}`, 1),
        l + 1 === last ? outgoing("dense", 0) : outgoing(`input${l + 1}`, 0),
      ],
    })),
    apply(params, images, { tap }) {
      const batch = images.shape[0] as number;
      const flat = (name: string) => {
        const value = params.get(name)!;
        return tf.reshape(value, [-1, gates * (value.shape.at(-1) as number)]) as Matrix;
      };
      const rows = tf.reshape(images, [batch, 6, 6]);
      const state = hidden.map(
        (units) => [tf.zeros([batch, units]), tf.zeros([batch, units])] as [Matrix, Matrix],
      );
      for (let t = 0; t < 6; t++) {
        let x = tf.reshape(tf.slice(rows, [0, t, 0], [batch, 1, 6]), [batch, 6]) as Matrix;
        hidden.forEach((_, l) => {
          const [h, c] = state[l];
          const sum = tf.add(
            tf.add(tf.matMul(x, flat(`input${l}`)), tf.matMul(h, flat(`recurrent${l}`))),
            flat(`bias${l}`),
          ) as Matrix;
          state[l] = cell === "rnn" ? [tf.tanh(sum), c] : longShortTerm(sum, c);
          tap?.activation?.(`units${l}`, "pre", cell === "rnn" ? sum : state[l][1]);
          tap?.activation?.(`units${l}`, "post", state[l][0]);
          [x] = state[l];
        });
      }
      return tf.matMul(state[last - 1][0], params.get("dense") as Matrix);
    },
  };
}

/** New output and memory of LSTM cells (Hochreiter and Schmidhuber 1997). */
function longShortTerm(sum: Matrix, memory: Matrix): [Matrix, Matrix] {
  const [i, f, g, o] = tf.split(sum, 4, 1);
  const c = tf.add(tf.mul(tf.sigmoid(f), memory), tf.mul(tf.sigmoid(i), tf.tanh(g))) as Matrix;
  return [tf.mul(tf.sigmoid(o), tf.tanh(c)) as Matrix, c];
}
