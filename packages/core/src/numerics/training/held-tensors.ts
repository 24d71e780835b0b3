import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { Tensors } from "../../contracts/training.js";
import { disposeTensors } from "../engine/tensors.js";
import { tf } from "../engine/tf.js";

/** Tensors that the loop owns from one step to the next; a step replaces some of them. */
export class HeldTensors {
  #tensors: Map<string, Tensor>;

  constructor(tensors: Map<string, Tensor>) {
    this.#tensors = tensors;
  }

  get all(): Tensors {
    return this.#tensors;
  }

  replace(news: Tensors): void {
    for (const [name, tensor] of news) {
      const old = this.#tensors.get(name);
      if (old !== tensor) old?.dispose();
      this.#tensors.set(name, tensor);
    }
  }

  clear(): void {
    disposeTensors(this.#tensors);
    this.#tensors.clear();
  }
}

/** `tidy` for maps: keeps what they hold and frees everything else. */
export function tidyStep<Result extends { params: Tensors; slots: Tensors; loss: Scalar }>(
  step: () => Result,
): Result {
  let result: Result | undefined;
  tf.tidy(() => {
    result = step();
    return [...result.params.values(), ...result.slots.values(), result.loss];
  });
  return result as Result;
}
