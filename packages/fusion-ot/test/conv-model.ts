import { type Model, tf, type UnitAxis } from "@isthmus/core";

/**
 * Two convolutions `[height, width, in, out]`, a residual sum, global mean pooling, a dense output: 6×6 images, 3 classes.
 * The second convolution adds to the first one's units, through an inner group, as a residual block does.
 */
export function convModel(stream: number, inner: number): Model {
  const parameter = (name: string, shape: number[], role: "weight" | "bias") => ({
    name,
    shape,
    role,
    initializer: { kind: "normal", std: 0.4 } as const,
  });
  return {
    spec: {
      architecture: "test-conv",
      options: { stream, inner },
      task: { inputShape: [6, 6, 1], classes: 3 },
    },
    parameters: [
      parameter("stem", [3, 3, 1, stream], "weight"),
      parameter("stem bias", [stream], "bias"),
      parameter("expand", [3, 3, stream, inner], "weight"),
      parameter("expand bias", [inner], "bias"),
      parameter("reduce", [1, 1, inner, stream], "weight"),
      parameter("dense", [stream, 3], "weight"),
    ],
    symmetry: [
      {
        name: "stream",
        size: stream,
        axes: [
          { parameter: "stem", axis: 3, side: "incoming" },
          { parameter: "stem bias", axis: 0, side: "incoming" },
          { parameter: "reduce", axis: 3, side: "incoming" },
          { parameter: "expand", axis: 2, side: "outgoing" },
          { parameter: "dense", axis: 0, side: "outgoing" },
        ] satisfies UnitAxis[],
      },
      {
        name: "inner",
        size: inner,
        axes: [
          { parameter: "expand", axis: 3, side: "incoming" },
          { parameter: "expand bias", axis: 0, side: "incoming" },
          { parameter: "reduce", axis: 2, side: "outgoing" },
        ] satisfies UnitAxis[],
      },
    ],
    apply(params, images, { tap }) {
      const get = (name: string) => params.get(name) as ReturnType<typeof tf.tensor4d>;
      const convolve = (x: ReturnType<typeof tf.tensor4d>, name: string) =>
        tf.conv2d(x, get(name), 1, "same");
      const before = tf.add(convolve(images as ReturnType<typeof tf.tensor4d>, "stem"), get("stem bias"));
      tap?.activation?.("stream", "pre", before);
      const x = tf.relu(before) as ReturnType<typeof tf.tensor4d>;
      tap?.activation?.("stream", "post", x);
      const hidden = tf.add(convolve(x, "expand"), get("expand bias"));
      tap?.activation?.("inner", "pre", hidden);
      const h = tf.relu(hidden) as ReturnType<typeof tf.tensor4d>;
      tap?.activation?.("inner", "post", h);
      const sum = tf.add(x, convolve(h, "reduce"));
      return tf.matMul(tf.mean(sum, [1, 2]), params.get("dense") as ReturnType<typeof tf.tensor2d>);
    },
  };
}
