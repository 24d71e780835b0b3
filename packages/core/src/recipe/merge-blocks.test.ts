import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../contracts/json.js";
import { type Located, mergeLocated, plain } from "./located.js";
import { mergeBlocks } from "./merge-blocks.js";

const scalar = fc.oneof(fc.boolean(), fc.integer(), fc.string({ maxLength: 3 }));
const key = fc.constantFrom("a", "b", "c", "__proto__");

/** JSON maps of few keys, so that they meet; with `nulls` also entries that remove. */
const maps = (nulls: boolean) =>
  fc.letrec<{ value: Json; map: JsonObject }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      scalar,
      fc.array(scalar, { maxLength: 2 }),
      tie("map"),
      ...(nulls ? [fc.constant(null)] : []),
    ),
    map: fc
      .array(fc.tuple(key, tie("value")), { maxLength: 3 })
      .map((entries) => Object.fromEntries(entries) as JsonObject),
  })).map;

const isMap = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every path to something that is not a map, with what stands there. */
function leaves(value: Json, path: readonly string[] = []): (readonly [string, Json])[] {
  if (!isMap(value)) return [[JSON.stringify(path), value]];
  return Object.entries(value).flatMap(([name, child]) => leaves(child, [...path, name]));
}

const at = (map: JsonObject, path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>(
    (node, name) => (isMap(node) && Object.hasOwn(node, name) ? node[name] : undefined),
    map,
  );

/** The same value with a place everywhere. */
function located(value: Json, place: string): Located {
  if (Array.isArray(value)) return { at: place, value: value.map((item: Json) => located(item, place)) };
  if (!isMap(value)) return { at: place, value: value as null | boolean | number | string };
  const entries = Object.entries(value).map(
    ([name, child]) => [name, { key: place, node: located(child, place) }] as const,
  );
  return { at: place, value: new Map(entries) };
}

describe("merging blocks", () => {
  it("an empty block changes nothing, and a block over nothing gives the block", () => {
    fc.assert(
      fc.property(maps(false), (map) => {
        expect(mergeBlocks(map, {})).toEqual(map);
        expect(mergeBlocks({}, map)).toEqual(map);
      }),
    );
  });

  it("merging a block a second time changes nothing more", () => {
    fc.assert(
      fc.property(maps(false), maps(true), (base, block) => {
        const once = mergeBlocks(base, block);
        expect(mergeBlocks(once, block)).toEqual(once);
      }),
    );
  });

  it("whatever a block says holds afterwards, and null means absence", () => {
    fc.assert(
      fc.property(maps(false), maps(true), (base, block) => {
        const merged = mergeBlocks(base, block);
        for (const [path, value] of leaves(block)) {
          expect(at(merged, JSON.parse(path))).toEqual(value === null ? undefined : value);
        }
      }),
    );
  });

  it("whatever a block does not mention stays as it is, at its position", () => {
    fc.assert(
      fc.property(maps(false), maps(true), (base, block) => {
        const merged = mergeBlocks(base, block);
        for (const [name, value] of Object.entries(base)) {
          if (!Object.hasOwn(block, name)) expect(at(merged, [name])).toEqual(value);
        }
        const kept = Object.keys(base).filter((name) => at(block, [name]) !== null);
        expect(Object.keys(merged).slice(0, kept.length)).toEqual(kept);
      }),
    );
  });

  it("lists are replaced as a whole", () => {
    expect(mergeBlocks({ hidden: [400, 200, 100] }, { hidden: [8] })).toEqual({ hidden: [8] });
  });

  it("values that know their places merge to the same values", () => {
    fc.assert(
      fc.property(maps(false), maps(true), (base, block) => {
        const merged = mergeLocated(located(base, "base"), located(block, "block"));
        expect(plain(merged)).toEqual(mergeBlocks(base, block));
      }),
    );
  });
});
