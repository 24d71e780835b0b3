import type { ArrayValue, Model, ParameterSpec, UnitAxis } from "@isthmus/core";
import { describe, expect, it } from "vitest";
import { incomingKernels, incomingWeights } from "./incoming-weights.js";

const initializer = { kind: "constant", value: 0 } as const;
const parameter = (name: string, shape: number[], role: ParameterSpec["role"]): ParameterSpec => ({
  name,
  shape,
  role,
  initializer,
});
const incoming = (name: string, axis: number): UnitAxis => ({ parameter: name, axis, side: "incoming" });
const outgoing = (name: string, axis: number): UnitAxis => ({ parameter: name, axis, side: "outgoing" });
const counted = (shape: number[], from = 0): ArrayValue => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((x, y) => x * y, 1) }, (_, k) => from + k),
});
const model = (parameters: ParameterSpec[], axes: UnitAxis[]): Model => ({
  spec: { architecture: "test", options: {}, task: { inputShape: [1, 1, 2], classes: 2 } },
  parameters,
  symmetry: [{ name: "units", size: 3, axes }],
  apply: (_, images) => images,
});

describe("incomingWeights", () => {
  it("lays a unit's kernel slices and bias side by side, wherever its axis is", () => {
    const net = model(
      [
        parameter("kernel", [2, 3, 2], "weight"),
        parameter("bias", [3], "bias"),
        parameter("out", [3, 2], "weight"),
      ],
      [incoming("kernel", 1), incoming("bias", 0), outgoing("out", 0)],
    );
    const params = new Map([
      ["kernel", counted([2, 3, 2])],
      ["bias", counted([3], 100)],
      ["out", counted([3, 2], 1000)],
    ]);
    // kernel[o, unit, k] = 6 o + 2 unit + k
    expect(incomingWeights({ model: net, params }, net.symmetry, 0)).toEqual({
      units: 3,
      length: 5,
      samples: 1,
      data: Float32Array.of(0, 1, 6, 7, 100, 2, 3, 8, 9, 101, 4, 5, 10, 11, 102),
    });
  });

  it("leaves out scales, buffers and a recurrent kernel, whose other axis has no order yet", () => {
    const net = model(
      [
        parameter("kernel", [2, 3], "weight"),
        parameter("recurrent", [3, 3], "weight"),
        parameter("scale", [3], "scale"),
        parameter("mean", [3], "buffer"),
      ],
      [
        incoming("kernel", 1),
        incoming("recurrent", 1),
        outgoing("recurrent", 0),
        incoming("scale", 0),
        incoming("mean", 0),
      ],
    );
    const params = new Map(net.parameters.map(({ name, shape }) => [name, counted([...shape])]));
    expect(incomingWeights({ model: net, params }, net.symmetry, 0)).toEqual({
      units: 3,
      length: 2,
      samples: 1,
      data: Float32Array.of(0, 3, 1, 4, 2, 5),
    });
  });

  it("takes every kernel for itself, without biases, where it is asked to", () => {
    const net = model(
      [
        parameter("kernel", [2, 3], "weight"),
        parameter("shortcut", [1, 3], "weight"),
        parameter("bias", [3], "bias"),
      ],
      [incoming("kernel", 1), incoming("shortcut", 1), incoming("bias", 0)],
    );
    const params = new Map(net.parameters.map(({ name, shape }) => [name, counted([...shape])]));
    const kernels = incomingKernels({ model: net, params }, net.symmetry, 0);
    expect(kernels.map(({ data }) => [...data])).toEqual([
      [0, 3, 1, 4, 2, 5],
      [0, 1, 2],
    ]);
  });

  it("refuses a group that nothing comparable feeds", () => {
    const net = model([parameter("scale", [3], "scale")], [incoming("scale", 0)]);
    const params = new Map([["scale", counted([3])]]);
    expect(() => incomingWeights({ model: net, params }, net.symmetry, 0)).toThrow(
      /"units" of test has no incoming weights/,
    );
  });
});
