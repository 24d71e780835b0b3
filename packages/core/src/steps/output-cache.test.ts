import { describe, expect, it } from "vitest";
import { OutputCache } from "./output-cache.js";
import type { KeyedStep } from "./plan-keys.js";

function step(id: string, parents: readonly string[] = [], key = id): KeyedStep {
  return { id, key, kind: "x", options: {}, inputs: { of: parents }, description: {}, plugins: {} };
}

/** Steps, a cache for some of them, and the ids whose outputs were read from the store. */
function setup(steps: readonly KeyedStep[], waiting: readonly KeyedStep[]) {
  const loaded: string[] = [];
  const all = new Map(steps.map((each) => [each.id, each]));
  const cache = new OutputCache(all, waiting, async ({ id }) => {
    loaded.push(id);
    return { details: id };
  });
  return { cache, loaded };
}

const [a, b] = [step("a"), step("b")];
const [first, second] = [step("first", ["a", "b"]), step("second", ["b", "a", "a"])];

describe("outputs in memory", () => {
  it("are read once, and given by input name in order", async () => {
    const { cache, loaded } = setup([a, b, first, second], [first, second]);
    expect(await cache.inputs(first)).toEqual({ of: [{ details: "a" }, { details: "b" }] });
    expect(await cache.inputs(second)).toEqual({
      of: [{ details: "b" }, { details: "a" }, { details: "a" }],
    });
    expect(loaded).toEqual(["a", "b"]);
  });

  it("are forgotten with the last step that waits for them, not before", async () => {
    const { cache, loaded } = setup([a, b, first, second], [first, second]);
    await cache.inputs(first);
    cache.release(first);
    await cache.inputs(second);
    expect(loaded).toHaveLength(2);
    cache.release(second);
    await cache.inputs(second);
    expect(loaded).toHaveLength(4);
  });

  it("are kept from the step that made them only where another waits", async () => {
    const { cache, loaded } = setup([a, b, first], [a, b, first]);
    cache.keep(a, { details: "fresh" });
    cache.keep(first, { details: "nobody wants this" });
    expect(await cache.inputs(first)).toEqual({ of: [{ details: "fresh" }, { details: "b" }] });
    expect(await cache.inputs(step("later", ["first"]))).toEqual({ of: [{ details: "first" }] });
    expect(loaded).toEqual(["b", "first"]);
  });

  it("are shared by steps with the same key", async () => {
    const twin = step("twin", [], "a");
    const reader = step("reader", ["a", "twin"]);
    const { cache, loaded } = setup([a, twin, reader], [reader]);
    await cache.inputs(reader);
    expect(loaded).toEqual(["a"]);
  });
});
