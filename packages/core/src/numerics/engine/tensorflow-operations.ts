import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core";

/** An attribute of a TensorFlow operation. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The part of tfjs-node's addon that is used here: TensorFlow's eager operations on handles. */
export interface Binding {
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
export interface TensorflowBackend {
  readonly binding: Binding;
  readonly isUsingGpuDevice: boolean;
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

/** An attribute of an operation, by its kind. */
export function attributes(binding: Binding) {
  const of = (name: string, type: number, value: unknown): Attribute => ({ name, type, value });
  return {
    float: (name: string) => of(name, binding.TF_ATTR_TYPE, binding.TF_FLOAT),
    int32: (name: string) => of(name, binding.TF_ATTR_TYPE, binding.TF_INT32),
    flag: (name: string, value: boolean) => of(name, binding.TF_ATTR_BOOL, value),
    text: (name: string, value: string) => of(name, binding.TF_ATTR_STRING, value),
    shape: (name: string, value: readonly number[]) => of(name, binding.TF_ATTR_SHAPE, value),
  };
}
