import type { KernelFunc, Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import { attributes, type Binding, type TensorflowBackend } from "./tensorflow-operations.js";
import { tf } from "./tf.js";

/** A resource of this name is freed with its last handle (TensorFlow's `ResourceHandle::ANONYMOUS_NAME`). */
const ANONYMOUS = "cd2c89b7-88b7-44c8-ad83-06c2a9158347";

/** Handles of the last few scalars: to bring one to a GPU costs as much as a whole operation. */
const scalars = new WeakMap<Binding, Map<number, number>>();
const MOST_SCALARS = 16;

/** The handle of a scalar that is kept, and not to be deleted. */
function scalar(binding: Binding, value: number): number {
  const kept = scalars.get(binding) ?? new Map<number, number>();
  scalars.set(binding, kept);
  const handle = kept.get(value) ?? binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value));
  kept.delete(value);
  kept.set(value, handle); // the last one used comes last
  if (kept.size > MOST_SCALARS) {
    const [oldest, unused] = kept.entries().next().value as [number, number];
    kept.delete(oldest);
    binding.deleteTensor(unused);
  }
  return handle;
}

/**
 * TensorFlow updates only variables in place. So values and velocities become variables for the moment of the update: nothing is
 * copied, as a variable takes over the buffer of a tensor that nobody else holds, and gives it back when it is read.
 */
export const nodeMomentumUpdate: KernelFunc = ({ inputs, attrs, backend }) => {
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
  const { float, flag, text, shape } = attributes(binding);
  const dtype = float("dtype");
  const decayed =
    weightDecay === 0
      ? gradient
      : tf.tidy(() => tf.add(gradient as Tensor, tf.mul(value as Tensor, weightDecay)));

  const toVariable = (tensor: TensorInfo): number => {
    const [buffer] = engine.getInputTensorIds([tensor]) as [number];
    const described = [shape("shape", tensor.shape), text("shared_name", ANONYMOUS), text("container", "")];
    const [variable] = binding.executeOp("VarHandleOp", [dtype, ...described], [], 1) as [{ id: number }];
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
  binding.executeOp(
    "ResourceApplyMomentum",
    [float("T"), flag("use_locking", false), flag("use_nesterov", false)],
    [variables[0], variables[1], scalar(binding, learningRate), gradientId, scalar(binding, momentum)],
    0,
  );
  toTensor(value, variables[0]);
  toTensor(velocity, variables[1]);
  if (decayed !== gradient) (decayed as Tensor).dispose();
  return [];
};
