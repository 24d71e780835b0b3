import { describe, expect, it } from "vitest";
import { OutputCache } from "./output-cache.js";
import type { StepRecord } from "./record.js";

const record = (key: string) => ({ key }) as StepRecord;
const [a, b] = [record("a"), record("b")];

/** A cache, and the keys whose outputs were read from the store. */
function setup() {
  const loaded: string[] = [];
  const cache = new OutputCache(async ({ key }) => {
    loaded.push(key);
    return { details: key };
  });
  return { cache, loaded };
}

describe("outputs in memory", () => {
  it("are read once, and given by input name in order", async () => {
    const { cache, loaded } = setup();
    expect(await cache.inputs({ of: [a, b] })).toEqual({ of: [{ details: "a" }, { details: "b" }] });
    expect(await cache.inputs({ of: [b, a, a], base: [a] })).toEqual({
      of: [{ details: "b" }, { details: "a" }, { details: "a" }],
      base: [{ details: "a" }],
    });
    expect(loaded).toEqual(["a", "b"]);
  });

  it("are forgotten once released, and only those", async () => {
    const { cache, loaded } = setup();
    await cache.inputs({ of: [a, b] });
    cache.release("a");
    await cache.inputs({ of: [a, b] });
    expect(loaded).toEqual(["a", "b", "a"]);
  });

  it("are kept from the step that made them", async () => {
    const { cache, loaded } = setup();
    cache.keep("a", { details: "fresh" });
    expect(await cache.inputs({ of: [a] })).toEqual({ of: [{ details: "fresh" }] });
    expect(loaded).toEqual([]);
  });
});
