import fc from "fast-check";
import { expect, it } from "vitest";
import { plainJson } from "./plain-json.js";

it("JSON comes back as it is", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(plainJson(value)).toEqual(value);
    }),
  );
});

it("keys without a value are left out", () => {
  expect(plainJson({ a: undefined, b: [{ c: undefined }] })).toEqual({ b: [{}] });
  expect(Object.keys(plainJson({ a: undefined }) as object)).toEqual([]);
});

it.each([
  [{ a: [1, Number.NaN] }, "a[1] is NaN"],
  [{ a: { b: Number.NEGATIVE_INFINITY } }, "a.b is -Infinity"],
  [new Map(), "the value is a Map object"],
  [{ when: new Date(0) }, "when is a Date object"],
  [[() => 1], "[0] is () => 1"],
  [1n, "the value is 1"],
])("what JSON cannot hold is refused with its place (%#)", (value, message) => {
  expect(() => plainJson(value)).toThrow(message);
});
