import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { slicesOf, takeSlices } from "./slices.mjs";

const slices = new URL("slices.mjs", import.meta.url).href;

/** A program that says its name, then counts its slices; after `last` of them it fails. */
function counter(name: string, last: number) {
  const file = join(mkdtempSync(join(tmpdir(), "slices-")), "counter.mjs");
  writeFileSync(
    file,
    `import { endSlice } from ${JSON.stringify(slices)};
     endSlice(${JSON.stringify(name)});
     for (let i = 1; i <= ${last}; i++) endSlice([i, performance.timeOrigin + performance.now()]);
     console.error("it is broken");
     process.exit(3);`,
  );
  return () => slicesOf(process.execPath, [file]);
}

it("programs work a slice each, in turns; one that fails is left out", async () => {
  const starts = { a: counter("first", 9), b: counter("second", 1), c: counter("third", 9) };
  const configurations = (["a", "b", "c"] as const).map((label) => ({ label }));
  const measured = await takeSlices(configurations, 3, ({ label }: { label: keyof typeof starts }) =>
    starts[label](),
  );
  expect([...measured.keys()]).toEqual(["a", "c"]);
  expect([...measured.values()].map(({ ready }) => ready)).toEqual(["first", "third"]);
  const results = [...measured.values()].map((each) => each.results as [number, number][]);
  expect(results.map((all) => all.map(([index]) => index))).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  const times = [0, 1, 2].flatMap((slice) => results.map((all) => all[slice]?.[1] as number));
  expect(times).toEqual(times.toSorted((x, y) => x - y));
});

it("a program that fails tells how and what it said", async () => {
  const program = await counter("only", 0)();
  await expect(program.next()).rejects.toThrow(/ended with 3:\nit is broken/);
});

it("a program that does not exist tells so", async () => {
  await expect(slicesOf("/no/such/program", [])).rejects.toThrow(/ended with ENOENT/);
});
