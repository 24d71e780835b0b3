import { describeArchitecture } from "@isthmus/core/testing";
import { expect, it } from "vitest";
import { trainedCount } from "../test/trained-count.js";
import { vgg11 } from "./vgg11.js";

const task = { inputShape: [32, 32, 3], classes: 4 };

for (const bias of [false, true])
  for (const batchNorm of [false, true])
    describeArchitecture(vgg11, { options: { width: 1 / 8, bias, batchNorm }, task });

const cifar = { inputShape: [32, 32, 3], classes: 10 };

it.each([
  // 3·3·(3·64 + 64·128 + 128·256 + 256·256 + 256·512 + 3·512·512) + 512·10, one bias a unit, scale and bias a unit
  [{}, 9_222_848],
  [{ bias: true }, 9_222_848 + 2762],
  [{ bias: true, batchNorm: true }, 9_222_848 + 2762 + 2 * 2752],
  [{ width: 2 }, 9 * (3 * 128 + 4 * (64 * 128 + 128 * 256 + 256 * 256 + 256 * 512 + 3 * 512 * 512)) + 10_240],
])("has the published number of parameters with %j", (options, count) => {
  expect(trainedCount(vgg11, options, cifar)).toBe(count);
});

it("refuses images that five halvings leave nothing of", () => {
  const build = () => trainedCount(vgg11, {}, { inputShape: [28, 28, 1], classes: 10 });
  expect(build).toThrowError(/at least 32 × 32; these are \[28, 28, 1\]/);
});

it("is recognized with its width and 32 × 32 images where no task is given", () => {
  const shapes = [
    [8, 1],
    [16, 8],
    [32, 16],
    [32, 32],
    [64, 32],
    [64, 64],
    [64, 64],
    [64, 64],
  ]; // prettier-ignore
  const tensors = [...shapes.map((shape) => [...shape, 3, 3]), [7, 64]].map((shape) => ({ key: "x", shape }));
  expect(vgg11.recognize?.(tensors, {})).toEqual({
    options: { width: 1 / 8, bias: false, batchNorm: false },
    task: { inputShape: [32, 32, 1], classes: 7 },
  });
});
