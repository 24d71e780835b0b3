import {
  checkParams,
  IsthmusError,
  linearCombination,
  type Model,
  type Params,
  type StepOutputs,
} from "@isthmus/core";
import { z } from "zod";
import { type CurveFamily, curveCoefficients } from "./families.js";

const details = z.object({
  family: z.enum(["bezier", "polychain"]),
  at: z.number(),
  points: z.number().int().min(2),
});

/** A trained curve: its control points, the ends included. */
export interface Curve {
  readonly family: CurveFamily;
  readonly points: readonly Params[];
  /** t of the fused network. */
  readonly at: number;
}

/** A network and what it is called. */
export interface NamedNetwork {
  readonly name: string;
  readonly params: Params;
  /** True for a combination of others, whose running statistics are to be estimated. */
  readonly combined: boolean;
  /** The curve that it is a point of, where it was made by `curve`. */
  readonly curve?: Curve;
}

/** The curve that a step has left, if it was one of `curve`. */
function curveOf({ extra, details: raw }: StepOutputs): Curve | undefined {
  const parsed = details.safeParse(raw);
  if (!parsed.success) return undefined;
  const { family, at, points: count } = parsed.data;
  const points = Array.from({ length: count }, (_, k) => extra?.[`point${k}`]);
  return points.includes(undefined) ? undefined : { family, at, points: points as Params[] };
}

/**
 * The networks that a step reads, under their names, all of the first one's architecture. Where a curve comes without the weights of
 * its network, as its file does, the network is its point at `at`.
 *
 * @throws `params/mismatch` for a network of another architecture; `landscape/networks` for a step that is none
 */
export function namedNetworks(
  outputs: readonly StepOutputs[],
  names: readonly string[],
): { readonly model: Model; readonly networks: readonly [NamedNetwork, ...NamedNetwork[]] } {
  const [first] = outputs;
  const networks = outputs.map((each, i): NamedNetwork => {
    const name = names[i] ?? `network ${i + 1}`;
    if (each.network === undefined || first.network === undefined) {
      throw wrongNetworks(`"${name}" is not a network.`, "Name rows that are trained or fused.");
    }
    const curve = curveOf(each);
    const combined = each.network.params.size === 0 && curve !== undefined;
    const params = combined ? linearCombination(curveAt(curve, curve.at), curve.points) : each.network.params;
    for (const weights of [params, ...(curve?.points ?? [])]) {
      checkParams(first.network.model, weights, `"${name}" beside "${names[0]}"`);
    }
    return { name, params, combined, ...(curve === undefined ? {} : { curve }) };
  });
  const model = first?.network?.model;
  if (model === undefined) throw wrongNetworks("No networks were named.", "Name some.");
  return { model, networks: networks as [NamedNetwork, ...NamedNetwork[]] };
}

/** Networks that make no path or plane. */
export function wrongNetworks(message: string, hint: string): IsthmusError {
  return new IsthmusError({ code: "landscape/networks", message, hint });
}

/** Coefficients of a curve's control points at t. */
export function curveAt({ family, points }: Curve, t: number): readonly number[] {
  return curveCoefficients(family, points.length, t);
}
