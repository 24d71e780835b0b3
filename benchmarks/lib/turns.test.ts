import { expect, it } from "vitest";
import { fastest, jsonOf, median, takeTurns } from "./turns.mjs";

it("the median of an even number of values is the lower middle one", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([10, 9, 1, 2])).toBe(2);
});

it("the fastest is that of the least median, not of the least time", () => {
  const rounds = [
    { steady: 2, lucky: 1 },
    { steady: 2, lucky: 9 },
    { steady: 3, lucky: 3 },
  ];
  expect(fastest(rounds)).toEqual({ name: "steady", seconds: 2 });
});

it("configurations take turns, and one that fails is left out of the later rounds", async () => {
  const seen: string[] = [];
  const measured = await takeTurns([{ label: "a" }, { label: "b" }, { label: "c" }], 2, async ({ label }) => {
    seen.push(label);
    if (label === "b") throw new Error("it is broken");
    return seen.length;
  });
  expect(seen).toEqual(["a", "b", "c", "a", "c"]);
  expect([...measured]).toEqual([
    ["a", [1, 4]],
    ["c", [3, 5]],
  ]);
});

it("a program's JSON is read, and one that fails tells how and what it said", async () => {
  const node = (code: string) => jsonOf(process.execPath, ["-e", code]);
  expect((await node("console.log('[1]')")).result).toEqual([1]);
  await expect(node("console.error('no data'); process.exit(3)")).rejects.toThrow(/ended with 3:\nno data/);
});
