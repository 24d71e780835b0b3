import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tensors } from "../../contracts/training.js";
import { hasFastKernel, runMomentumUpdate, soleOwners } from "../engine/fast-kernels.js";
import { tf } from "../engine/tf.js";
import type { OptimizerSettings } from "./settings.js";

/** An optimizer's memory as tensors, `<slot>/<parameter>`; one that is missing counts as zeros. */
export type Slots = ReadonlyMap<string, Tensor>;

/** New tensors for parameters that had a gradient, and for the slots behind them; what was updated in place has none. */
export interface Update {
  readonly params: Map<string, Tensor>;
  readonly slots: Map<string, Tensor>;
}

/**
 * One update; call it inside `tidy`. With g = gradient + weightDecay · θ:
 * - sgd: v ← μ v + g, θ ← θ - η v
 * - adam: m ← β₁ m + (1-β₁) g, s ← β₂ s + (1-β₂) g², θ ← θ - η √(1-β₂ᵗ)/(1-β₁ᵗ) · m / (√s + ε √(1-β₂ᵗ))
 *
 * @param t number of this update since the memory was fresh, from 1
 * @param inPlace allows to change the tensors in `params` and `slots`: momentum does so where the backend has a kernel for it
 * and nobody shares the values; all else is computed out of place
 */
export function optimizerUpdate(
  settings: OptimizerSettings,
  learningRate: number,
  t: number,
  params: Tensors,
  gradients: Tensors,
  slots: Slots,
  inPlace = false,
): Update {
  const update: Update = { params: new Map(), slots: new Map() };
  /** factor · old memory + news */
  const remember = (slot: string, factor: number, news: Tensor): Tensor => {
    const old = slots.get(slot);
    const value = old === undefined ? tf.clone(news) : tf.add(tf.mul(old, factor), news);
    update.slots.set(slot, value);
    return value;
  };
  /** v ← μ v + g + λ θ, θ ← θ - η v, in one kernel */
  const updateMomentum = (name: string, value: Tensor, gradient: Tensor): boolean => {
    if (!inPlace || settings.kind !== "sgd" || settings.momentum === 0) return false;
    if (!hasFastKernel("MomentumUpdate") || !soleOwners(value)) return false;
    const slot = `velocity/${name}`;
    const held = slots.get(slot);
    if (held !== undefined && !soleOwners(held)) return false;
    const velocity = held ?? tf.zerosLike(value);
    if (held === undefined) update.slots.set(slot, velocity);
    const { momentum, weightDecay } = settings;
    runMomentumUpdate({ value, velocity, gradient }, { momentum, weightDecay, learningRate });
    return true;
  };
  for (const [name, gradient] of gradients) {
    const value = params.get(name) as Tensor;
    if (updateMomentum(name, value, gradient)) continue;
    const g = settings.weightDecay > 0 ? tf.add(gradient, tf.mul(value, settings.weightDecay)) : gradient;
    if (settings.kind === "adam") {
      const { beta1, beta2, epsilon } = settings;
      const mean = remember(`mean/${name}`, beta1, tf.mul(g, 1 - beta1));
      const square = remember(`square/${name}`, beta2, tf.mul(tf.square(g), 1 - beta2));
      const root = Math.sqrt(1 - beta2 ** t);
      const direction = tf.div(mean, tf.add(tf.sqrt(square), epsilon * root));
      update.params.set(name, tf.sub(value, tf.mul(direction, (learningRate * root) / (1 - beta1 ** t))));
    } else if (settings.momentum > 0) {
      const velocity = remember(`velocity/${name}`, settings.momentum, g);
      update.params.set(name, tf.sub(value, tf.mul(velocity, learningRate)));
    } else {
      update.params.set(name, tf.sub(value, tf.mul(g, learningRate)));
    }
  }
  return update;
}
