import { type FusionInput, initialize, type Model, type Network, permuteUnits, Rng } from "@isthmus/core";

/** A model with fresh weights. */
export function network(model: Model, seed: number): Network {
  return { model, params: initialize(model, Rng.seed(seed)) };
}

/** The network with all biases at 1, under which ReLU units of small networks are active on some image and no two look alike. */
export function alive({ model, params }: Network): Network {
  const biases = new Set(model.parameters.filter(({ role }) => role === "bias").map(({ name }) => name));
  const raised = [...params].map(
    ([name, value]) =>
      [name, biases.has(name) ? { ...value, data: value.data.map(() => 1) } : value] as const,
  );
  return { model, params: new Map(raised) };
}

/** Networks as inputs of a fusion, of equal weight unless told otherwise. */
export function inputsOf(networks: readonly Network[], weights?: readonly number[]): FusionInput[] {
  return networks.map((each, k) => ({ ...each, weight: weights?.[k] ?? 1 / networks.length }));
}

/** The same function with all hidden units in random order, and the order: unit i is what unit `orders.get(group)[i]` was. */
export function shuffled({ model, params }: Network, seed: number) {
  const rng = Rng.seed(seed);
  const orders = new Map(model.symmetry.map(({ name, size }) => [name, rng.fork(name).permutation(size)]));
  return { network: { model, params: permuteUnits(model, params, orders) }, orders };
}

/** All orders of 0 … n-1. */
export function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  return permutations(n - 1).flatMap((shorter) =>
    Array.from({ length: n }, (_, k) => [...shorter.slice(0, k), n - 1, ...shorter.slice(k)]),
  );
}

/** The order that minimizes `sum_j cost(order[j], j)`, by trying all. */
export function bestOrder(n: number, cost: (from: number, to: number) => number): number[] {
  const total = (order: number[]) => order.reduce((sum, from, to) => sum + cost(from, to), 0);
  return permutations(n).reduce((best, order) => (total(order) < total(best) ? order : best));
}

/** The order for which a plan `[n, n]` is a scaled permutation: target unit j is made of unit `order[j]` alone. */
export function orderOf(plan: { readonly shape: readonly number[]; readonly data: Float32Array }): number[] {
  const [n, m] = plan.shape;
  return Array.from({ length: m }, (_, j) => {
    const sources = Array.from({ length: n }, (_, i) => i).filter((i) => plan.data[i * m + j] > 0);
    if (sources.length !== 1 || Math.abs(plan.data[sources[0] * m + j] - 1 / n) > 1e-7) {
      throw new Error(`Column ${j} of the plan is not one of a permutation.`);
    }
    return sources[0];
  });
}
