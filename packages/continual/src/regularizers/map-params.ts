import type { ArrayValue, Params } from "@isthmus/core";

/** For every value of `first`, a function of it and of the values of `others` at the same place, in double precision. */
export function mapParams(
  value: (...values: number[]) => number,
  first: Params,
  ...others: readonly Params[]
): Params {
  return new Map(
    [...first].map(([name, { shape, data }]) => {
      const arrays = [data, ...others.map((each) => (each.get(name) as ArrayValue).data)];
      return [name, { shape, data: data.map((_, i) => value(...arrays.map((array) => array[i]))) }];
    }),
  );
}
