import { describe, expect, it } from "vitest";
import type { ModelSpec } from "../contracts/model.js";
import type { Params } from "../contracts/params.js";
import { sameBits } from "../numerics/params.js";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.js";
import { decodeParameterSets, encodeParameterSets } from "./parameter-sets.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";

const spec: ModelSpec = { architecture: "toy", options: {}, task: { inputShape: [2, 1, 1], classes: 2 } };
const params = (...values: number[]): Params =>
  new Map([
    ["a/kernel", { shape: [1, 2], data: Float32Array.from(values) }],
    ["bias", { shape: [1], data: Float32Array.of(NaN) }],
  ]);
const file = {
  spec,
  sets: { point0: params(1, 2), "point/1 ü": params(3, -0), point2: params(5, 6) },
  details: { family: "bezier", at: 0.5, points: 3 },
  provenance: { seed: 3 },
};
const refusal = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe("parameter sets in a file", () => {
  it("come back to the bit and in order, whatever the names, with model, details and provenance", () => {
    const { sets, ...rest } = decodeParameterSets(encodeParameterSets(file), "mpf.curve.safetensors");
    const { sets: written, ...others } = file;
    expect(rest).toEqual(others);
    expect(Object.keys(sets)).toEqual(Object.keys(written));
    for (const [name, set] of Object.entries(written)) expect(sameBits(sets[name] as Params, set)).toBe(true);
  });

  it("are tensors that any safetensors reader sees under <set>/<parameter>", () => {
    const { tensors } = readSafetensors(encodeParameterSets(file), "file");
    expect(tensors.get("point0/a/kernel")).toEqual(file.sets.point0.get("a/kernel"));
    expect([...tensors.keys()][2]).toBe("point%2F1%20%C3%BC/a/kernel");
  });

  it("are no checkpoint, and a checkpoint is none of them: each reader says what it was given", () => {
    const network = encodeCheckpoint({ spec, params: params(1, 2) }, {});
    expect(() => decodeCheckpoint(encodeParameterSets(file), "c.safetensors")).toThrowError(
      refusal("checkpoint/several-networks", /^c\.safetensors holds several/),
    );
    expect(() => decodeParameterSets(network, "n.safetensors")).toThrowError(
      refusal("checkpoint/one-network", /^n\.safetensors is a safetensors file, but not/),
    );
  });

  it("of a later version or with a tensor that belongs to no set are refused", () => {
    const written = (metadata: Record<string, string>) => writeSafetensors(params(1, 2), metadata);
    expect(() => decodeParameterSets(written({ "isthmus.sets": "2" }), "f")).toThrowError(
      refusal("checkpoint/unknown-format", /format "2".*format 1/),
    );
    const metadata = {
      "isthmus.sets": "1",
      "isthmus.model": JSON.stringify(spec),
      "isthmus.details": "null",
      "isthmus.provenance": "{}",
    };
    expect(() => decodeParameterSets(written(metadata), "f")).toThrowError(
      refusal("checkpoint/malformed", /"bias" belongs to no set/),
    );
  });
});
