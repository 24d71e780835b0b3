import { describe, expect, it } from "vitest";
import { encodeMetric, encodeParams, encodeRunTags, type TextValue } from "./encode.js";

const NOW = 1_700_000_000_000;

describe("metrics before sending", () => {
  it("fractions of a millisecond are cut off the timestamp", () => {
    expect(encodeMetric({ key: "a", value: 1, timestamp: NOW + 0.7 }, 0).timestamp).toBe(NOW);
  });

  it("a date is a timestamp, and a missing one is now", () => {
    expect(encodeMetric({ key: "a", value: 1, timestamp: new Date(NOW) }, 0).timestamp).toBe(NOW);
    expect(encodeMetric({ key: "a", value: 1 }, NOW).timestamp).toBe(NOW);
  });

  it("numbers that JSON does not know become words", () => {
    const values = [Number.NaN, Infinity, -Infinity].map(
      (value) => encodeMetric({ key: "a", value }, NOW).value,
    );
    expect(values).toEqual(["NaN", "Infinity", "-Infinity"]);
  });

  it.each([1.5, Number.NaN, 2 ** 53, Infinity])("the step %d is refused", (step) => {
    expect(() => encodeMetric({ key: "a", value: 1, step }, NOW)).toThrow(/step .* an integer is needed/);
  });

  it.each(["3", null, undefined, true, { valueOf: () => 1 }])("the value %j is refused", (value) => {
    expect(() => encodeMetric({ key: "a", value: value as number }, NOW)).toThrow(/a number is needed/);
  });

  it.each([Number.NaN, -1, "2024", Infinity, new Date(Number.NaN)])(
    "the timestamp %s is refused",
    (timestamp) => {
      expect(() => encodeMetric({ key: "a", value: 1, timestamp: timestamp as number }, NOW)).toThrow(
        /milliseconds/,
      );
    },
  );
});

describe("parameters and tags before sending", () => {
  it("everything becomes text", () => {
    const entries = encodeParams({ n: 5, yes: true, none: null, big: 2n ** 70n, text: "" });
    expect(entries.map(({ value }) => value)).toEqual(["5", "true", "null", "1180591620717411303424", ""]);
  });

  it("the key __proto__ is an ordinary key", () => {
    expect(encodeRunTags(JSON.parse('{"__proto__":"x"}'))).toEqual([{ key: "__proto__", value: "x" }]);
  });

  it.each([[[1]], [{}], [undefined], [() => 1]])("the value %j is refused", (value) => {
    expect(() => encodeParams({ a: value as unknown as TextValue })).toThrow(/JSON|needed/);
  });

  it("lengths are counted in characters, not in UTF-16 units", () => {
    expect(encodeParams({ a: "😀".repeat(6000) })).toHaveLength(1);
    expect(() => encodeParams({ a: `${"😀".repeat(6000)}x` })).toThrow(/6001 characters/);
    expect(() => encodeRunTags({ a: "x".repeat(8001) })).toThrow(/at most 8000/);
  });
});
