import { expect, it } from "vitest";
import { quietly } from "./quiet.mjs";

/** A probe that takes the given seconds in turn. */
const probeOf = (seconds: number[]) => async () => seconds.shift() ?? Number.NaN;

it("a measurement that was disturbed is made again, in vain three times at most", async () => {
  // Quiet, then disturbed; quiet, quiet. Then noise to the end.
  const quiet = quietly(probeOf([1, 2, 1, 1.1, ...Array(9).fill(2)]), 0);
  let count = 0;
  const measure = async () => ++count;
  expect(await quiet.run(measure)).toBe(2);
  expect(await quiet.run(measure)).toBe(5);
  expect(quiet.remark()).toContain("1 of 2 measurements were disturbed");
});

it("waits for quiet before it measures", async () => {
  const seconds = [1, 1, 2, 1, 1];
  const quiet = quietly(probeOf(seconds), 60);
  await quiet.run(async () => 0);
  const left = await quiet.run(async () => seconds.length);
  expect(left).toBe(1); // both probes before had been made, the one after had not
});
