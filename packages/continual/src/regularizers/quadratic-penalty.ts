import { type ArrayValue, derivedObjective, type Objective, type Params, tf } from "@isthmus/core";

/** A quadratic penalty ½ λ Σ Ω (θ - θ*)² on the weights named in `importance`. */
export interface QuadraticPenalty {
  /** λ ≥ 0. */
  readonly strength: number;
  /** Ω ≥ 0, one per weight. */
  readonly importance: Params;
  /** θ*, with at least the names of `importance`. */
  readonly anchor: Params;
}

/**
 * Descends the loss of `base` and a quadratic penalty, whose gradient is λ Ω (θ - θ*). The loss that is reported, and the
 * `lossGradients` that hooks are told, are those of `base` alone.
 */
export function penalized(base: Objective, { strength, importance, anchor }: QuadraticPenalty): Objective {
  const names = [...importance.keys()];
  const fixed = new Map(
    names.flatMap((name) => [
      [`importance/${name}`, importance.get(name) as ArrayValue] as const,
      [`anchor/${name}`, anchor.get(name) as ArrayValue] as const,
    ]),
  );
  return derivedObjective(
    base,
    (weights, batch, rng) => {
      const step = base.lossAndGradients(weights, batch, rng);
      const tensor = (name: string) => weights.get(name) as tf.Tensor;
      const gradients = new Map(step.gradients);
      for (const name of names) {
        const away = tf.sub(tensor(name), tensor(`anchor/${name}`));
        const pull = tf.mul(tf.mul(tensor(`importance/${name}`), away), strength);
        gradients.set(name, tf.add(gradients.get(name) as tf.Tensor, pull));
      }
      return { ...step, gradients, lossGradients: step.gradients };
    },
    fixed,
  );
}
