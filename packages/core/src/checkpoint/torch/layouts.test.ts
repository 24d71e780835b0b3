import { describe, expect, it } from "vitest";
import type { Model, TorchLayout } from "../../contracts/model.js";
import { sizeOf } from "../../numerics/params.js";
import { toyModel } from "../../testing/fixtures.js";
import { torchShape } from "../torch-shape.js";
import { valueFromTorch, valueToTorch } from "./layouts.js";

const toy = toyModel();
const model: Model = { ...toy, spec: { ...toy.spec, task: { inputShape: [2, 3, 5], classes: 3 } } };

/** Where the value at one place of ours stands in PyTorch's tensor, by the definition of each layout. */
const places: Record<TorchLayout, { shape: number[]; place: (index: number[]) => number }> = {
  same: { shape: [4, 3], place: ([i, j]) => i * 3 + j },
  linear: { shape: [4, 3], place: ([input, unit]) => unit * 4 + input },
  conv: {
    shape: [2, 3, 4, 5],
    place: ([y, x, input, unit]) => ((unit * 4 + input) * 2 + y) * 3 + x,
  },
  "linear-on-image": {
    shape: [30, 4],
    place: ([input, unit]) => {
      const [y, x, channel] = [Math.floor(input / 15), Math.floor(input / 5) % 3, input % 5];
      return unit * 30 + (channel * 2 + y) * 3 + x;
    },
  },
  "linear-on-map": {
    shape: [2, 3, 4, 5],
    place: ([y, x, input, unit]) => unit * 24 + (input * 2 + y) * 3 + x,
  },
  gates: { shape: [3, 4, 5], place: ([input, gate, unit]) => (gate * 5 + unit) * 3 + input },
  "gate-bias": { shape: [4, 5], place: ([gate, unit]) => gate * 5 + unit },
};

describe.each(Object.entries(places))("layout %s", (name, { shape, place }) => {
  const layout = name as TorchLayout;
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => i);
  const indexOf = (position: number) =>
    shape.map((size, axis) => Math.floor(position / sizeOf(shape.slice(axis + 1))) % size);

  it("takes every value from where PyTorch keeps it", () => {
    const { data, shape: ours } = valueFromTorch(layout, shape, values, model);
    expect(ours).toEqual(shape);
    expect([...data]).toEqual(Array.from(values, (_, position) => place(indexOf(position))));
  });

  it("and puts it back there", () => {
    const theirs = valueToTorch(layout, valueFromTorch(layout, shape, values, model), model);
    expect(theirs).toEqual({ shape: torchShape(layout, shape), data: values });
  });
});
