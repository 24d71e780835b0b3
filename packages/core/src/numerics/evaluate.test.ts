import { expect, it } from "vitest";
import { toyData, toyInputs } from "../testing/fixtures.js";
import { leakedTensors, logitsOf } from "../testing/measure.js";
import { evaluate } from "./evaluate.js";

it("agrees with loss, accuracy and confusion computed from the logits one by one, whatever the batch size", async () => {
  const [{ model, params }] = toyInputs(1);
  const data = toyData(3, 61);
  const logits = await logitsOf(model, params, data);
  const confusion = [0, 1, 2].map(() => [0, 0, 0]);
  let loss = 0;
  for (let i = 0; i < 61; i++) {
    const row = [...logits.subarray(i * 3, i * 3 + 3)];
    confusion[data.label(i)][row.indexOf(Math.max(...row))]++;
    loss -= Math.log(Math.exp(row[data.label(i)]) / row.reduce((z, value) => z + Math.exp(value), 0)) / 61;
  }
  for (const batchSize of [1, 7, 500]) {
    const result = await evaluate(model, params, data, { batchSize });
    expect(result.loss).toBeCloseTo(loss, 5);
    expect(result.confusion).toEqual(confusion);
    expect(result.accuracy).toBeCloseTo((confusion[0][0] + confusion[1][1] + confusion[2][2]) / 61, 12);
    expect(result.perClass[1]).toBeCloseTo(confusion[1][1] / confusion[1].reduce((a, b) => a + b), 12);
    expect(result.count).toBe(61);
  }
});

it("refuses data of another number of classes, and weights of another model", async () => {
  const [{ model, params }] = toyInputs(1);
  const other = { ...model, spec: { ...model.spec, task: { ...model.spec.task, classes: 5 } } };
  await expect(evaluate(other, params, toyData())).rejects.toMatchObject({ code: "data/shape" });
  const [{ params: wider }] = toyInputs(1, 0, [9, 5]);
  await expect(evaluate(model, wider, toyData())).rejects.toMatchObject({ code: "params/mismatch" });
});

it("has no accuracy for a class without images", async () => {
  const [{ model, params }] = toyInputs(1);
  const { perClass } = await evaluate(model, params, toyData(0, 30).subset([0, 3, 6]));
  expect(perClass.map(Number.isNaN)).toEqual([false, true, true]);
});

it("leaves no tensor behind, also when it is stopped or refused", async () => {
  const [{ model, params }] = toyInputs(1);
  const data = toyData();
  expect(await leakedTensors(() => evaluate(model, params, data))).toBe(0);
  const stopped = async () => {
    await expect(evaluate(model, params, data, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "run/aborted",
    });
  };
  expect(await leakedTensors(stopped)).toBe(0);
  await expect(evaluate(model, params, data.subset([]))).rejects.toThrow("no images");
});
