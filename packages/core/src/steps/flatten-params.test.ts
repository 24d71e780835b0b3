import { describe, expect, it } from "vitest";
import type { JsonObject } from "../contracts/json.js";
import { flattenParams } from "./flatten-params.js";

describe("flat params", () => {
  it("are dotted paths to text; lists of plain values stay together, lists of objects are numbered", () => {
    const options: JsonObject = {
      seed: 1,
      optimizer: { kind: "sgd", learningRate: 0.07 },
      hidden: [400, 200],
      steps: [{ of: ["a", "b"] }, { flip: true }],
      base: null,
      none: {},
    };
    expect(flattenParams(options)).toEqual({
      seed: "1",
      "optimizer.kind": "sgd",
      "optimizer.learningRate": "0.07",
      hidden: "[400,200]",
      "steps.0.of": '["a","b"]',
      "steps.1.flip": "true",
      base: "null",
    });
  });
});
