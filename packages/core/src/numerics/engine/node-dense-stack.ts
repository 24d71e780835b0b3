import type { KernelFunc, Tensor, Tensor1D, Tensor2D, TensorInfo } from "@tensorflow/tfjs-core";
import { lossAndSlope } from "../cross-entropy.js";
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
  const logits = read.at(-1) as Tensor2D;
  const labels = given.labels as Tensor1D;
  let loss: Tensor;
  let delta: Tensor;
  if (engine.isUsingGpuDevice) {
    // TensorFlow's own operation adds up in no particular order there, and is refused where the same bits are asked for.
    [loss, delta] = lossAndSlope(engine.executeSingleOutput("LogSoftmax", [T], [logits]) as Tensor2D, labels);
  } else {
    const inputs = [logits, labels];
    const attrs = [T, int32("Tlabels")];
    const outputs = engine.executeMultipleOutputs("SparseSoftmaxCrossEntropyWithLogits", attrs, inputs, 2);
    loss = tf.mean(outputs[0] as Tensor);
    delta = tf.mul(outputs[1] as Tensor, 1 / logits.shape[0]);
  }

  const gradients: Tensor[] = [];
  for (let l = activations.length - 1; l >= 0; l--) {
    if (activations[l] === "relu")
      delta = engine.executeSingleOutput("ReluGrad", [T], [delta, read[l + 1] as TensorInfo]);
    if (given[`bias${l}`] !== undefined)
      gradients.unshift(engine.executeSingleOutput("BiasAddGrad", [T, format], [delta]));
    gradients.unshift(multiply(read[l] as TensorInfo, delta, true, false));
    if (l > 0) delta = multiply(delta, given[`kernel${l}`] as TensorInfo, false, true);
  }
  return [loss, ...gradients];
};
