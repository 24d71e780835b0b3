import * as tf from "@tensorflow/tfjs-core";
import { tensor } from "./compare.js";

const run = (name: string, inputs: tf.NamedTensorMap, attrs: tf.NamedAttrMap): tf.Tensor =>
  tf.engine().runKernel(name, inputs, attrs) as tf.Tensor;

const image = (seed: number) => tensor([2, 6, 5, 3], seed) as tf.Tensor4D;
const filter = () => tensor([3, 3, 3, 4], 2) as tf.Tensor4D;
const outImage = () => tensor([2, 6, 5, 4], 3) as tf.Tensor4D;
const pool = { filterSize: 2, strides: 2, pad: "same" };

/** One usual call of every kernel of the package: what it must do itself, without the `cpu` backend. */
export const usualCases: Readonly<Record<string, () => tf.Tensor>> = {
  BatchMatMul: () => tf.matMul(tensor([3, 4], 1), tensor([4, 5], 2)),
  _FusedMatMul: () =>
    tf.fused.matMul({ a: tensor([3, 4], 1), b: tensor([4, 5], 2), bias: tensor([5], 3), activation: "relu" }),
  Conv2D: () => tf.conv2d(image(1), filter(), 1, "same"),
  FusedConv2D: () =>
    tf.fused.conv2d({ x: image(1), filter: filter(), strides: 1, pad: "same", activation: "relu" }),
  Conv2DBackpropFilter: () =>
    run(
      "Conv2DBackpropFilter",
      { x: image(1), dy: outImage() },
      { strides: 1, pad: "same", dataFormat: "NHWC", filterShape: [3, 3, 3, 4] },
    ),
  Conv2DBackpropInput: () => tf.conv2dTranspose(outImage(), filter(), [2, 6, 5, 3], 1, "same"),
  MaxPool: () => tf.maxPool(image(1), 2, 2, "same"),
  AvgPool: () => tf.avgPool(image(1), 2, 2, "same"),
  MaxPoolGrad: () => {
    const output = tf.maxPool(image(1), 2, 2, "same");
    return run("MaxPoolGrad", { dy: tensor(output.shape, 4), input: image(1), output }, pool);
  },
  AvgPoolGrad: () => run("AvgPoolGrad", { dy: tensor([2, 3, 3, 3], 4), input: image(1) }, pool),
  FusedBatchNorm: () =>
    tf.batchNorm(image(1), tensor([3], 2), tf.abs(tensor([3], 3)), tensor([3], 4), tensor([3], 5), 0.01),
  Add: () => tf.add(tensor([40, 50], 1), tensor([40, 50], 2)),
  AddN: () => tf.addN([tensor([4, 5], 1), tensor([4, 5], 2), tensor([4, 5], 3)]),
  Sub: () => tf.sub(tensor([40, 50], 1), tensor([40, 50], 2)),
  Multiply: () => tf.mul(tensor([40, 50], 1), tf.scalar(0.3)),
  RealDiv: () => tf.div(tensor([4, 5], 1), tensor([5], 2)),
  Maximum: () => tf.maximum(tensor([4, 5], 1), tensor([4, 1], 2)),
  Minimum: () => tf.minimum(tensor([4, 5], 1), tensor([], 2)),
  SquaredDifference: () => tf.squaredDifference(tensor([4, 5], 1), tensor([4, 5], 2)),
  Prelu: () => tf.prelu(tensor([4, 5], 1), tensor([5], 2)),
  EluGrad: () => run("EluGrad", { dy: tensor([4, 5], 1), y: tf.elu(tensor([4, 5], 2)) }, {}),
  Greater: () => tf.greater(tensor([4, 5], 1), tensor([5], 2)),
  GreaterEqual: () => tf.greaterEqual(tensor([4, 5], 1), tensor([5], 2)),
  Less: () => tf.less(tensor([4, 5], 1), tensor([5], 2)),
  LessEqual: () => tf.lessEqual(tensor([4, 5], 1), tensor([5], 2)),
  Equal: () => tf.equal(tensor([4, 5], 1), tensor([4, 5], 1)),
  NotEqual: () => tf.notEqual(tensor([4, 5], 1), tensor([4, 5], 2)),
  Select: () => tf.where(tf.greater(tensor([4, 5], 1), 0), tensor([4, 5], 2), tensor([4, 5], 3)),
  Relu: () => tf.relu(tensor([40], 1)),
  Relu6: () => tf.relu6(tf.mul(tensor([40], 1), 5)),
  Elu: () => tf.elu(tensor([40], 1)),
  LeakyRelu: () => tf.leakyRelu(tensor([40], 1), 0.3),
  Step: () => tf.step(tensor([40], 1), 0.25),
  ClipByValue: () => tf.clipByValue(tensor([40], 1), -0.5, 0.7),
  Sigmoid: () => tf.sigmoid(tensor([40], 1)),
  Tanh: () => tf.tanh(tensor([40], 1)),
  Exp: () => tf.exp(tensor([40], 1)),
  Log: () => tf.log(tensor([40], 1)),
  Sqrt: () => tf.sqrt(tensor([40], 1)),
  Rsqrt: () => tf.rsqrt(tensor([40], 1)),
  Square: () => tf.square(tensor([40], 1)),
  Neg: () => tf.neg(tensor([40], 1)),
  Abs: () => tf.abs(tensor([40], 1)),
  Reciprocal: () => tf.reciprocal(tensor([40], 1)),
  ZerosLike: () => tf.zerosLike(tensor([4, 5], 1)),
  Sum: () => tf.sum(tensor([4, 5, 6], 1), [0, 1]),
  Mean: () => tf.mean(tensor([4, 5, 6], 1), 2),
  Max: () => tf.max(tensor([4, 5, 6], 1), 1),
  ArgMax: () => tf.argMax(tensor([4, 5, 6], 1), 1),
  Softmax: () => tf.softmax(tensor([4, 5], 1)),
  Transpose: () => tf.transpose(tensor([40, 50], 1)),
  Slice: () => tf.slice(tensor([4, 5, 6], 1), [1, 2, 3], [2, 2, 2]),
  PadV2: () =>
    tf.pad(
      tensor([4, 5], 1),
      [
        [1, 2],
        [0, 3],
      ],
      7,
    ),
  Tile: () => tf.tile(tensor([4, 5], 1), [2, 3]),
  GatherV2: () => tf.gather(tensor([4, 30], 1), tf.tensor1d([3, 0, 3], "int32")),
  Cast: () => tf.cast(tf.greater(tensor([4, 5], 1), 0), "float32"),
};
