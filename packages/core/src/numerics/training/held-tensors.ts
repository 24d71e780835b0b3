import type { Tensor } from "@tensorflow/tfjs-core";
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

  /** Takes the new tensors over from the `tidy` around, and frees those they replace. */
  replace(news: Tensors): void {
    for (const [name, tensor] of news) {
      tf.keep(tensor);
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
