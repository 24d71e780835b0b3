import { type Objective, type Params, type Rng, type Tensors, tf } from "@isthmus/core";
import { type CurveFamily, curveCoefficients } from "./families.js";

/** A curve in training: which control points are free, and the penalty on the point. */
export interface CurveSettings {
  readonly family: CurveFamily;
  /** For each control point, whether it is trained. */
  readonly free: readonly boolean[];
  /** Factor of ½ ‖θ(t)‖², added to the loss that is descended (not to the loss that is reported). */
  readonly weightDecay: number;
}

/** Name under which a parameter of control point k is trained. */
const pointName = (k: number, name: string): string => `point${k}/${name}`;

/** All control points in one map, as the training loop holds them. */
export function joinPoints(points: readonly Params[]): Params {
  return new Map(
    points.flatMap((point, k) => [...point].map(([name, value]) => [pointName(k, name), value] as const)),
  );
}

/** The inverse of {@link joinPoints}. */
export function splitPoints(joined: Params, count: number): Params[] {
  return Array.from({ length: count }, (_, k) => {
    const prefix = pointName(k, "");
    const own = [...joined].filter(([name]) => name.startsWith(prefix));
    return new Map(own.map(([name, value]) => [name.slice(prefix.length), value]));
  });
}

/** Σₖ cₖ θₖ over those control points whose coefficient is not 0. */
function pointOn(coefficients: readonly number[], name: string, trainable: Tensors) {
  const terms = coefficients.flatMap((c, k) =>
    c === 0 ? [] : [tf.mul(trainable.get(pointName(k, name)) as tf.Tensor, c)],
  );
  return terms.reduce((sum, term) => tf.add(sum, term));
}

/**
 * The expected loss over a curve, E_{t ~ U(0,1)} L(θ(t)), by one t per batch; by the chain rule the gradient of control
 * point k is cₖ(t) (∇L(θ(t)) + λ θ(t)). Ends that are fixed are held but get no gradient.
 *
 * @param base what a single network would be trained by
 * @param points control points at the start
 */
export function curveObjective(
  base: Objective,
  points: readonly Params[],
  settings: CurveSettings,
): Objective {
  const names = [...(points[0] as Params).keys()];
  return {
    initial: joinPoints(points),
    lossAndGradients(trainable, batch, rng: Rng) {
      const t = rng.fork("t").uniform();
      const coefficients = curveCoefficients(settings.family, points.length, t);
      const point: Tensors = new Map(names.map((name) => [name, pointOn(coefficients, name, trainable)]));
      const { loss, gradients } = base.lossAndGradients(point, batch, rng);
      const own = new Map<string, tf.Tensor>();
      for (const [name, gradient] of gradients) {
        const full =
          settings.weightDecay > 0
            ? tf.add(gradient, tf.mul(point.get(name) as tf.Tensor, settings.weightDecay))
            : gradient;
        settings.free.forEach((free, k) => {
          if (free) own.set(pointName(k, name), tf.mul(full, coefficients[k]));
        });
      }
      return { loss, gradients: own };
    },
  };
}
