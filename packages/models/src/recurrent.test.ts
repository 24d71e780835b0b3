import { describeArchitecture } from "@isthmus/core/testing";
import { expect, it } from "vitest";
import { trainedCount } from "../test/trained-count.js";
import { lstm } from "./lstm.js";
import { rnn } from "./rnn.js";

for (const architecture of [rnn, lstm]) {
  describeArchitecture(architecture, { options: { hidden: 7 } });
  describeArchitecture(architecture, {
    options: { hidden: 40, layers: 2, width: 1 / 8, bias: true },
    task: { inputShape: [5, 4, 3], classes: 4 },
  });
}

it("has PyTorch's number of parameters, its two biases counting as one", () => {
  const mnist = { inputShape: [28, 28, 1], classes: 10 };
  expect(trainedCount(rnn, { bias: true }, mnist)).toBe(28 * 128 + 128 * 128 + 128 + 128 * 10 + 10);
  expect(trainedCount(lstm, { bias: true }, mnist)).toBe(4 * (28 * 128 + 128 * 128 + 128) + 128 * 10 + 10);
});

it("is recognized with common images by the length of their rows, and not otherwise unless the task is given", () => {
  const recognize = (row: number, inputShape?: number[]) =>
    lstm.recognize?.(
      [
        [32, row],
        [32, 8],
        [10, 8],
      ].map((shape) => ({ key: "x", shape })), // prettier-ignore
      inputShape ? { inputShape } : {},
    )?.task.inputShape;
  expect(recognize(28)).toEqual([28, 28, 1]);
  expect(recognize(96)).toEqual([32, 32, 3]);
  expect(recognize(50)).toBeUndefined();
  expect(recognize(50, [7, 25, 2])).toEqual([7, 25, 2]);
  expect(recognize(50, [7, 25, 1])).toBeUndefined();
});
