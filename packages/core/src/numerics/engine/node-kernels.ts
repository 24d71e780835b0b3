import type { KernelFunc, Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "./tf.js";

/** An attribute of a TensorFlow operation. */
interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The part of tfjs-node's addon that is used here: TensorFlow's eager operations on handles. */
interface Binding {
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  executeOp(name: string, attrs: Attribute[], inputs: number[], outputs: number): { readonly id: number }[];
  createTensor(shape: readonly number[], type: number, values: Float32Array): number;
  deleteTensor(id: number): void;
}

/** The part of tfjs-node's backend that is used here. */
interface TensorflowBackend {
  readonly binding: Binding;
  readonly tensorMap: { get(dataId: object): { id: number } };
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  executeSingleOutput(name: string, attrs: Attribute[], inputs: readonly TensorInfo[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attrs: Attribute[],
    inputs: readonly TensorInfo[],
    outputs: number,
  ): Tensor[];
}

type Activation = "relu" | "linear";

/** A resource of this name is freed with its last handle (TensorFlow's `ResourceHandle::ANONYMOUS_NAME`). */
const ANONYMOUS = "cd2c89b7-88b7-44c8-ad83-06c2a9158347";

/** TensorFlow's own operations for what tfjs-node composes of several; see `fast-kernels.ts`. */
const denseStackGradients: KernelFunc = ({ inputs, attrs, backend }) => {
  const engine = backend as TensorflowBackend;
  const { binding } = engine;
  const { activations } = attrs as unknown as { activations: readonly Activation[] };
  const given = inputs as unknown as Record<string, TensorInfo>;
  const attr = (name: string, type: number, value: unknown): Attribute => ({ name, type, value });
  const T = attr("T", binding.TF_ATTR_TYPE, binding.TF_FLOAT);
  const format = attr("data_format", binding.TF_ATTR_STRING, "NHWC");
  const multiply = (a: TensorInfo, b: TensorInfo, transposeA: boolean, transposeB: boolean): Tensor =>
    engine.executeSingleOutput(
      "MatMul",
      [
        T,
        attr("transpose_a", binding.TF_ATTR_BOOL, transposeA),
        attr("transpose_b", binding.TF_ATTR_BOOL, transposeB),
      ],
      [a, b],
    );

  const read: TensorInfo[] = [given.images as TensorInfo]; // what each layer reads
  activations.forEach((activation, l) => {
    let x = multiply(read[l] as TensorInfo, given[`kernel${l}`] as TensorInfo, false, false);
    const bias = given[`bias${l}`];
    if (bias !== undefined) x = engine.executeSingleOutput("BiasAdd", [T, format], [x, bias]);
    if (activation === "relu") x = engine.executeSingleOutput("Relu", [T], [x]);
    read.push(x);
  });
  const labelsType = attr("Tlabels", binding.TF_ATTR_TYPE, binding.TF_INT32);
  const [losses, slope] = engine.executeMultipleOutputs(
    "SparseSoftmaxCrossEntropyWithLogits",
    [T, labelsType],
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

/**
 * TensorFlow updates only variables in place. So values and velocities become variables for the moment of the update: nothing is
 * copied, as a variable takes over the buffer of a tensor that nobody else holds, and gives it back when it is read.
 */
const momentumUpdate: KernelFunc = ({ inputs, attrs, backend }) => {
  const engine = backend as TensorflowBackend;
  const { binding, tensorMap } = engine;
  const { value, velocity, gradient } = inputs as unknown as Record<
    "value" | "velocity" | "gradient",
    TensorInfo
  >;
  const { momentum, weightDecay, learningRate } = attrs as unknown as Record<
    "momentum" | "weightDecay" | "learningRate",
    number
  >;
  const attr = (name: string, type: number, value: unknown): Attribute => ({ name, type, value });
  const dtype = attr("dtype", binding.TF_ATTR_TYPE, binding.TF_FLOAT);
  const T = attr("T", binding.TF_ATTR_TYPE, binding.TF_FLOAT);
  const off = (name: string) => attr(name, binding.TF_ATTR_BOOL, false);
  const decayed =
    weightDecay === 0
      ? gradient
      : tf.tidy(() => tf.add(gradient as Tensor, tf.mul(value as Tensor, weightDecay)));

  const toVariable = (tensor: TensorInfo): number => {
    const [buffer] = engine.getInputTensorIds([tensor]) as [number];
    const shape = attr("shape", binding.TF_ATTR_SHAPE, tensor.shape);
    const names = [
      attr("shared_name", binding.TF_ATTR_STRING, ANONYMOUS),
      attr("container", binding.TF_ATTR_STRING, ""),
    ];
    const [variable] = binding.executeOp("VarHandleOp", [dtype, shape, ...names], [], 1) as [{ id: number }];
    binding.executeOp("AssignVariableOp", [dtype], [variable.id, buffer], 0);
    binding.deleteTensor(buffer);
    return variable.id;
  };
  const toTensor = (tensor: TensorInfo, variable: number): void => {
    const [read] = binding.executeOp("ReadVariableOp", [dtype], [variable], 1) as [{ id: number }];
    tensorMap.get(tensor.dataId).id = read.id;
    binding.deleteTensor(variable);
  };

  const [gradientId] = engine.getInputTensorIds([decayed]) as [number];
  const variables = [value, velocity].map(toVariable) as [number, number];
  const factors = [learningRate, momentum].map((factor) =>
    binding.createTensor([], binding.TF_FLOAT, Float32Array.of(factor)),
  ) as [number, number];
  binding.executeOp(
    "ResourceApplyMomentum",
    [T, off("use_locking"), off("use_nesterov")],
    [variables[0], variables[1], factors[0], gradientId, factors[1]],
    0,
  );
  for (const factor of factors) binding.deleteTensor(factor);
  toTensor(value, variables[0]);
  toTensor(velocity, variables[1]);
  if (decayed !== gradient) (decayed as Tensor).dispose();
  return [];
};

/** Registers fast kernels for tfjs-node's backend; once is enough. */
export function registerNodeKernels(): void {
  const kernels = { DenseStackGradients: denseStackGradients, MomentumUpdate: momentumUpdate };
  for (const [kernelName, kernelFunc] of Object.entries(kernels)) {
    if ((tf.getKernel(kernelName, "tensorflow") ?? undefined) === undefined)
      tf.registerKernel({ kernelName, backendName: "tensorflow", kernelFunc });
  }
}
