import type { Params } from "@isthmus/core";
import { type Curve, type NamedNetwork, wrongNetworks } from "./named-networks.js";

/** The networks that span a plane, those to be marked on it, and the curve to be drawn. */
export interface PlaneNetworks {
  readonly corners: readonly [NamedNetwork, NamedNetwork, NamedNetwork];
  readonly others: readonly NamedNetwork[];
  readonly curve: Curve | undefined;
}

/**
 * The first three networks are the corners; the first curve gives what is missing before it: its middle bend after two networks,
 * its ends and the middle bend where it comes first.
 *
 * @throws `landscape/networks`
 */
export function readCorners(networks: readonly NamedNetwork[]): PlaneNetworks {
  const at = networks.findIndex(({ curve }) => curve !== undefined);
  const curve = networks[at]?.curve;
  const before = curve === undefined ? networks : networks.slice(0, at);
  const [a, b, c] = before;
  if (before.length >= 3) return { corners: [a, b, c], others: networks.slice(3), curve };
  if (curve !== undefined && before.length !== 1) {
    const { points } = curve;
    const point = (name: string, params: Params) => ({ name, params, combined: true });
    const bend = point("bend", points[Math.floor((points.length - 1) / 2)]);
    if (before.length === 2) return { corners: [a, b, bend], others: networks.slice(2), curve };
    const start = point("start", points[0]);
    const end = point("end", points[points.length - 1]);
    return { corners: [start, end, bend], others: networks, curve };
  }
  const names = networks.map(({ name }) => `"${name}"`).join(", ");
  throw wrongNetworks(
    `${names} ${networks.length > 1 ? "span" : "spans"} no plane.`,
    "Name three networks, two and a curve between them, or a curve alone: a network made by the fusion method `curve`.",
  );
}
