import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, parseExact, stringifyExact } from "./exact-json.js";

const number = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    number,
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, each]) => [key, reversedKeys(each)]));
}

describe("exact JSON", () => {
  it("gives back every value, NaN, infinities and -0 included", () => {
    const property = fc.property(json, (value) => {
      expect(parseExact(stringifyExact(value))).toStrictEqual(value);
    });
    fc.assert(property);
  });

  it("is plain JSON where JSON has the numbers", () => {
    expect(stringifyExact({ a: [1.5, "x", null] })).toBe('{"a":[1.5,"x",null]}');
  });

  it("leaves objects alone that only look like a number", () => {
    for (const value of [{ $number: "7" }, { $number: "NaN", unit: "s" }]) {
      expect(parseExact(JSON.stringify(value))).toStrictEqual(value);
    }
  });
});

describe("canonical JSON", () => {
  it("does not depend on the order of keys", () => {
    const property = fc.property(json, (value) => {
      expect(canonicalJson(reversedKeys(value))).toBe(canonicalJson(value));
    });
    fc.assert(property);
  });

  it("keeps the order of lists, sorts keys by code unit and tells special numbers apart", () => {
    expect(canonicalJson({ b: [2, 1], a: { d: 0, C: 0 } })).toBe('{"a":{"C":0,"d":0},"b":[2,1]}');
    const texts = [null, Number.NaN, "NaN", 0, -0, Number.POSITIVE_INFINITY].map(canonicalJson);
    expect(new Set(texts).size).toBe(texts.length);
  });
});
