import { describeArchitecture } from "@isthmus/core/testing";
import { expect, it } from "vitest";
import { trainedCount } from "../test/trained-count.js";
import { resnet18 } from "./resnet18.js";

const task = { inputShape: [11, 8, 3], classes: 4 };

for (const bias of [false, true])
  for (const batchNorm of [false, true])
    describeArchitecture(resnet18, { options: { width: 1 / 8, bias, batchNorm }, task });

it("has the published number of parameters: 11,173,962 with a bias in the last layer", () => {
  const cifar = { inputShape: [32, 32, 3], classes: 10 };
  expect(trainedCount(resnet18, { bias: true }, cifar)).toBe(11_173_962);
});

it("has one unit group per stage for its residual stream, written by every block and read by the next", () => {
  const parsed = resnet18.options.safeParse({});
  if (!parsed.success) throw new Error("The defaults are valid.");
  const { symmetry } = resnet18.build(parsed.data, task);
  expect(symmetry.map(({ name }) => name)).toEqual([
    "layer1",
    "layer1.0",
    "layer1.1", // prettier-ignore
    "layer2.0",
    "layer2",
    "layer2.1",
    "layer3.0",
    "layer3",
    "layer3.1",
    "layer4.0",
    "layer4",
    "layer4.1", // prettier-ignore
  ]);
  const kernels = (side: string) =>
    symmetry
      .find(({ name }) => name === "layer2")
      ?.axes.filter((axis) => axis.side === side && axis.parameter.endsWith(".kernel"))
      .map(({ parameter }) => parameter.replace(".kernel", ""));
  expect(kernels("incoming")).toEqual(["layer2.0.conv2", "layer2.0.shortcut", "layer2.1.conv2"]);
  expect(kernels("outgoing")).toEqual(["layer2.1.conv1", "layer3.0.conv1", "layer3.0.shortcut"]);
});
