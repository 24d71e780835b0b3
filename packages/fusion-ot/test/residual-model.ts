import { type ApplyContext, type Model, type ParameterSpec, tf, type UnitAxis } from "@isthmus/core";
import { incoming, outgoing, parameter } from "./parameters.js";

type Map4 = ReturnType<typeof tf.tensor4d>;

/** A convolution without bias and the normalization behind it: name, side of the kernel, units in and out. */
type Layer = readonly [name: string, side: number, from: string | undefined, to: string];

const LAYERS: readonly Layer[] = [
  ["stem", 3, undefined, "stream"],
  ["expand", 3, "stream", "inner"],
  ["reduce", 3, "inner", "stream"],
  ["widen", 3, "stream", "inner2"],
  ["narrow", 3, "inner2", "stream2"],
  ["shortcut", 1, "stream", "stream2"],
];

/**
 * A residual network with batch normalization in two stages: a block that adds to the stream it reads, and one that adds to
 * a projection of it. The groups: `stream` (fed by two convolutions, read by four), `inner`, `inner2`, `stream2`. 6×6 images.
 */
export function residualModel(sizes: {
  readonly stream: number;
  readonly inner: number;
  readonly inner2: number;
  readonly stream2: number;
}): Model {
  const size = new Map(Object.entries(sizes));
  const axes = new Map<string, UnitAxis[]>([...size.keys()].map((name) => [name, []]));
  const parameters: ParameterSpec[] = [];
  for (const [name, side, from, to] of LAYERS) {
    const units = size.get(to)!;
    parameters.push(
      parameter(name, [side, side, from === undefined ? 1 : size.get(from)!, units], "weight"),
      parameter(`${name}.scale`, [units], "scale"),
      parameter(`${name}.bias`, [units], "bias"),
      parameter(`${name}.mean`, [units], "buffer"),
      parameter(`${name}.variance`, [units], "buffer"),
    );
    if (from !== undefined) axes.get(from)!.push(outgoing(name, 2));
    axes
      .get(to)!
      .push(
        incoming(name, 3),
        ...["scale", "bias", "mean", "variance"].map((part) => incoming(`${name}.${part}`, 0)),
      );
  }
  parameters.push(parameter("dense", [sizes.stream2, 3], "weight"), parameter("dense.bias", [3], "bias"));
  axes.get("stream2")!.push(outgoing("dense", 0));
  return {
    spec: {
      architecture: "test-residual",
      options: { ...sizes },
      task: { inputShape: [6, 6, 1], classes: 3 },
    },
    parameters,
    symmetry: [...axes].map(([name, each]) => ({ name, size: size.get(name)!, axes: each })),
    apply(params, images, { tap }) {
      const get = (name: string) => params.get(name) as Map4;
      const convolve = (x: Map4, name: string) => {
        const [mean, variance, bias, scale] = ["mean", "variance", "bias", "scale"].map((part) =>
          tf.reshape(get(`${name}.${part}`), [-1]),
        ) as ReturnType<typeof tf.tensor1d>[];
        return tf.batchNorm(tf.conv2d(x, get(name), 1, "same"), mean, variance, bias, scale) as Map4;
      };
      const relu = (group: string, x: Map4) => activated(group, x, tap);
      let x = relu("stream", convolve(images as Map4, "stem"));
      x = relu("stream", tf.add(x, convolve(relu("inner", convolve(x, "expand")), "reduce")));
      const branch = convolve(relu("inner2", convolve(x, "widen")), "narrow");
      x = relu("stream2", tf.add(branch, convolve(x, "shortcut")));
      const features = tf.mean(x, [1, 2]) as ReturnType<typeof tf.tensor2d>;
      return tf.add(tf.matMul(features, params.get("dense") as typeof features), get("dense.bias"));
    },
  };
}

function activated(group: string, x: Map4, tap: ApplyContext["tap"]): Map4 {
  tap?.activation?.(group, "pre", x);
  const y = tf.relu(x);
  tap?.activation?.(group, "post", y);
  return y;
}
