import type { Tensor } from "@tensorflow/tfjs-core";
import type { Params } from "../../contracts/params.js";
import { tf } from "./tf.js";

/** Host values as tensors, which may share their memory: nothing may write to either. The caller disposes them (`disposeTensors`). */
export function toTensors(params: Params): Map<string, Tensor> {
  return new Map(
    [...params].map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape], "float32")]),
  );
}

/** Host values as tensors with memory of their own, which may be changed in place. */
export function toOwnTensors(params: Params): Map<string, Tensor> {
  return new Map(
    [...params].map(([name, { shape, data }]) => [name, tf.tensor(data.slice(), [...shape], "float32")]),
  );
}

/** Copies tensors back to host values, in the order of the map. */
export async function toParams(tensors: ReadonlyMap<string, Tensor>): Promise<Params> {
  const entries = await Promise.all(
    [...tensors].map(async ([name, tensor]) => {
      const data = Float32Array.from((await tensor.data()) as Float32Array);
      return [name, { shape: [...tensor.shape], data }] as const;
    }),
  );
  return new Map(entries);
}

/** Frees tensors made by {@link toTensors}. */
export function disposeTensors(tensors: ReadonlyMap<string, Tensor>): void {
  for (const tensor of tensors.values()) tensor.dispose();
}
