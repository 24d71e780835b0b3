import type { Tensor } from "@tensorflow/tfjs-core";
import type { Params } from "../../contracts/params.js";
import type { Tensors } from "../../contracts/training.js";
import { tf } from "../engine/tf.js";
import type { OptimizerSettings } from "./settings.js";

/** An optimizer's memory as tensors, `<slot>/<parameter>`. */
export type Slots = ReadonlyMap<string, Tensor>;

/** New values of the parameters that had a gradient, and of the slots behind them. */
export interface Update {
  readonly params: Map<string, Tensor>;
  readonly slots: Map<string, Tensor>;
}

const slotNames = (settings: OptimizerSettings): readonly string[] =>
  settings.kind === "adam" ? ["mean", "square"] : settings.momentum > 0 ? ["velocity"] : [];

/** Empty memory for parameters of the given names: zeros of each parameter's shape. */
export function freshSlots(settings: OptimizerSettings, params: Params): Params {
  const slots = new Map();
  for (const slot of slotNames(settings)) {
    for (const [name, { shape, data }] of params) {
      slots.set(`${slot}/${name}`, { shape, data: new Float32Array(data.length) });
    }
  }
  return slots;
}

/**
 * One update, out of place; call it inside `tidy`. With g = gradient + weightDecay · θ:
 * - sgd: v ← μ v + g, θ ← θ - η v
 * - adam: m ← β₁ m + (1-β₁) g, s ← β₂ s + (1-β₂) g², θ ← θ - η √(1-β₂ᵗ)/(1-β₁ᵗ) · m / (√s + ε √(1-β₂ᵗ))
 *
 * @param t number of this update since the memory was fresh, from 1
 */
export function optimizerUpdate(
  settings: OptimizerSettings,
  learningRate: number,
  t: number,
  params: Tensors,
  gradients: Tensors,
  slots: Slots,
): Update {
  const update: Update = { params: new Map(), slots: new Map() };
  for (const [name, gradient] of gradients) {
    const value = params.get(name) as Tensor;
    const g = settings.weightDecay > 0 ? tf.add(gradient, tf.mul(value, settings.weightDecay)) : gradient;
    if (settings.kind === "adam") {
      const { beta1, beta2, epsilon } = settings;
      const mean = tf.add(tf.mul(slots.get(`mean/${name}`) as Tensor, beta1), tf.mul(g, 1 - beta1));
      const square = tf.add(
        tf.mul(slots.get(`square/${name}`) as Tensor, beta2),
        tf.mul(tf.square(g), 1 - beta2),
      );
      const root = Math.sqrt(1 - beta2 ** t);
      const direction = tf.div(mean, tf.add(tf.sqrt(square), epsilon * root));
      update.params.set(name, tf.sub(value, tf.mul(direction, (learningRate * root) / (1 - beta1 ** t))));
      update.slots.set(`mean/${name}`, mean);
      update.slots.set(`square/${name}`, square);
    } else if (settings.momentum > 0) {
      const velocity = tf.add(tf.mul(slots.get(`velocity/${name}`) as Tensor, settings.momentum), g);
      update.params.set(name, tf.sub(value, tf.mul(velocity, learningRate)));
      update.slots.set(`velocity/${name}`, velocity);
    } else {
      update.params.set(name, tf.sub(value, tf.mul(g, learningRate)));
    }
  }
  return update;
}
