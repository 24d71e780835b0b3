import type { KernelFunc, Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import { attributes, type TensorflowBackend } from "./tensorflow-operations.js";
import { tf } from "./tf.js";

type Activation = "relu" | "linear";

/** TensorFlow's own operations for what tfjs-node composes of several; see `fast-kernels.ts`. */
export const nodeDenseStackGradients: KernelFunc = ({ inputs, attrs, backend }) => {
  const engine = backend as TensorflowBackend;
  const { float, int32, flag, text } = attributes(engine.binding);
  const { activations } = attrs as unknown as { activations: readonly Activation[] };
  const given = inputs as unknown as Record<string, TensorInfo>;
  const T = float("T");
  const format = text("data_format", "NHWC");
  const multiply = (a: TensorInfo, b: TensorInfo, transposeA: boolean, transposeB: boolean): Tensor => {
    const flags = [flag("transpose_a", transposeA), flag("transpose_b", transposeB)];
    return engine.executeSingleOutput("MatMul", [T, ...flags], [a, b]);
  };

  const read: TensorInfo[] = [given.images as TensorInfo]; // what each layer reads
  activations.forEach((activation, l) => {
    let x = multiply(read[l] as TensorInfo, given[`kernel${l}`] as TensorInfo, false, false);
    const bias = given[`bias${l}`];
    if (bias !== undefined) x = engine.executeSingleOutput("BiasAdd", [T, format], [x, bias]);
    if (activation === "relu") x = engine.executeSingleOutput("Relu", [T], [x]);
    read.push(x);
  });
  const [losses, slope] = engine.executeMultipleOutputs(
    "SparseSoftmaxCrossEntropyWithLogits",
    [T, int32("Tlabels")],
    [read.at(-1) as TensorInfo, given.labels as TensorInfo],
    2,
  ) as [Tensor, Tensor];

  const gradients: Tensor[] = [];
  let delta = tf.mul(slope, 1 / (losses.shape[0] as number));
  for (let l = activations.length - 1; l >= 0; l--) {
    if (activations[l] === "relu")
      delta = engine.executeSingleOutput("ReluGrad", [T], [delta, read[l + 1] as TensorInfo]);
    if (given[`bias${l}`] !== undefined)
      gradients.unshift(engine.executeSingleOutput("BiasAddGrad", [T, format], [delta]));
    gradients.unshift(multiply(read[l] as TensorInfo, delta, true, false));
    if (l > 0) delta = multiply(delta, given[`kernel${l}`] as TensorInfo, false, true);
  }
  return [tf.mean(losses), ...gradients];
};
