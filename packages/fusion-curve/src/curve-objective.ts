import { combineTensors, type Objective, type Params, type Rng, type Tensors, type tf } from "@isthmus/core";
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
  const { family, free, weightDecay } = settings;
  const drawCoefficients = (rng: Rng) => curveCoefficients(family, points.length, rng.fork("t").uniform());
  const { stack } = base;
  return {
    initial: joinPoints(points),
    keepsNoBatch: base.keepsNoBatch === true,
    ...(stack === undefined
      ? {}
      : { curve: { stack, free, name: pointName, coefficients: drawCoefficients, penalty: weightDecay } }),
    lossAndGradients(trainable, batch, rng: Rng) {
      const coefficients = drawCoefficients(rng);
      const controls = (name: string) => points.map((_, k) => trainable.get(pointName(k, name)) as tf.Tensor);
      const point: Tensors = new Map(
        names.map((name) => [name, combineTensors(coefficients, controls(name))]),
      );
      const { loss, gradients } = base.lossAndGradients(point, batch, rng);
      const own = new Map<string, tf.Tensor>();
      for (const [name, gradient] of gradients) {
        const terms = [gradient, point.get(name) as tf.Tensor];
        free.forEach((trained, k) => {
          const c = coefficients[k];
          if (trained) own.set(pointName(k, name), combineTensors([c, c * weightDecay], terms));
        });
      }
      return { loss, gradients: own };
    },
  };
}
