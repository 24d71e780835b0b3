import { toyModel } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { convModel } from "../test/conv-model.js";
import { outputGroup } from "./output-group.js";

describe("outputGroup", () => {
  it("is the last axis of the weight that feeds no hidden unit, and of its bias", () => {
    expect(outputGroup(toyModel([5, 4]))).toEqual({
      name: "output",
      size: 3,
      axes: [
        { parameter: "kernel2", axis: 1, side: "incoming" },
        { parameter: "bias2", axis: 0, side: "incoming" },
      ],
    });
    expect(outputGroup(convModel(4, 5)).axes).toEqual([{ parameter: "dense", axis: 1, side: "incoming" }]);
  });

  it("is not mistaken where hidden layers are as wide as there are classes", () => {
    expect(outputGroup(toyModel([3, 3])).axes.map(({ parameter }) => parameter)).toEqual([
      "kernel2",
      "bias2",
    ]);
    expect(outputGroup(convModel(3, 3)).axes.map(({ parameter }) => parameter)).toEqual(["dense"]);
  });

  it("is found in a network without hidden layers", () => {
    expect(outputGroup(toyModel([])).axes).toHaveLength(2);
  });

  it("is refused where no weight ends in the classes", () => {
    const model = toyModel([5]);
    const task = { ...model.spec.task, classes: 7 };
    expect(() => outputGroup({ ...model, spec: { ...model.spec, task } })).toThrow(
      /no weight that feeds the 7 outputs/,
    );
  });
});
