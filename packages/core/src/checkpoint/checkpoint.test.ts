import { describe, expect, it } from "vitest";
import type { ModelSpec } from "../contracts/model.js";
import type { Params } from "../contracts/params.js";
import { sameBits } from "../numerics/params.js";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.js";
import { writeSafetensors } from "./safetensors.js";

const spec: ModelSpec = {
  architecture: "mlp",
  options: { hidden: [8, 4], bias: true },
  task: { inputShape: [28, 28, 1], classes: 10 },
};
const params: Params = new Map([
  ["0.weight", { shape: [2, 2], data: Float32Array.of(1, -0, NaN, 3e-40) }],
  ["0.bias", { shape: [2], data: Float32Array.of(0.1, 7) }],
]);
const provenance = { recipe: "mnist.yaml", seed: 3, metrics: { "test/accuracy": 0.97 }, note: "größer <3" };

function written(metadata: Record<string, string>): Uint8Array {
  return writeSafetensors(params, metadata);
}

describe("a checkpoint", () => {
  it("gives back the model's description, the weights to the bit and the provenance", () => {
    const read = decodeCheckpoint(encodeCheckpoint({ spec, params }, provenance), "a.safetensors");
    expect(read.spec).toEqual(spec);
    expect(sameBits(read.params, params)).toBe(true);
    expect(read.provenance).toEqual(provenance);
  });

  it("has the same bytes for the same network", () => {
    expect(encodeCheckpoint({ spec, params }, provenance)).toEqual(
      encodeCheckpoint({ spec, params }, provenance),
    );
  });

  it.each<[string, Uint8Array, string, RegExp]>([
    ["a plain safetensors file", written({ format: "pt" }), "checkpoint/not-isthmus", /which architecture/],
    [
      "a later format",
      written({ "isthmus.format": "2" }),
      "checkpoint/unknown-format",
      /format "2".*format 1/,
    ],
    [
      "a missing model",
      written({ "isthmus.format": "1" }),
      "checkpoint/malformed",
      /"isthmus.model" is missing/,
    ],
    [
      "a model that is not JSON",
      written({ "isthmus.format": "1", "isthmus.model": "{" }),
      "checkpoint/malformed",
      /isthmus.model/,
    ],
    [
      "a model without a task",
      written({ "isthmus.format": "1", "isthmus.model": '{"architecture":"mlp","options":{}}' }),
      "checkpoint/malformed",
      /isthmus.model/,
    ],
    [
      "a task with a size that is no size",
      written({
        "isthmus.format": "1",
        "isthmus.model": JSON.stringify({ ...spec, task: { inputShape: [28, -1], classes: 10 } }),
      }),
      "checkpoint/malformed",
      /isthmus.model/,
    ],
    [
      "a provenance that is no object",
      written({
        "isthmus.format": "1",
        "isthmus.model": JSON.stringify(spec),
        "isthmus.provenance": "[]",
      }),
      "checkpoint/malformed",
      /isthmus.provenance/,
    ],
  ])("refuses %s", (_, bytes, code, message) => {
    expect(() => decodeCheckpoint(bytes, "some.safetensors")).toThrowError(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
    expect(() => decodeCheckpoint(bytes, "some.safetensors")).toThrowError(/^some\.safetensors/);
  });
});
