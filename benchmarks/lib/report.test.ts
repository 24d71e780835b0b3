import { expect, it } from "vitest";
import { figure, least, mergeSections, ratioCell, sectionsOf, table } from "./report.mjs";

it("a part that is measured again replaces its own section and no other, in the order of the parts", () => {
  const order = ["First", "Second", "Third"];
  const page = mergeSections("", new Map([["Third", "three"]]), order);
  const more = mergeSections(page, new Map([["First", "one\n\n| a |\n| - |"]]), order);
  const again = mergeSections(more, new Map([["Third", "3"]]), order);
  expect([...sectionsOf(again)]).toEqual([
    ["First", "one\n\n| a |\n| - |"],
    ["Third", "3"],
  ]);
  expect(again.match(/^# /gm)).toHaveLength(1);
  expect(mergeSections(again, new Map(), order)).toBe(again);
});

it("a section whose part no longer exists stays, after the others", () => {
  const page = mergeSections("", new Map([["Old", "was"]]), []);
  expect([...sectionsOf(mergeSections(page, new Map([["New", "is"]]), ["New"])).keys()]).toEqual([
    "New",
    "Old",
  ]);
});

it("a ratio is bold where it misses its target on either side, and a dash where a time is missing", () => {
  expect(ratioCell(0.9, { atMost: 0.9 })).toBe("0.90");
  expect(ratioCell(0.96, { atMost: 0.9 })).toBe("**0.96**");
  expect(ratioCell(12.34, { atLeast: 5 })).toBe("12.3");
  expect(ratioCell(4.2, { atLeast: 5 })).toBe("**4.20**");
  expect(ratioCell(1 / (undefined as unknown as number), {})).toBe("–");
  expect(least([undefined, 3, 2])).toBe(2);
  expect(least([undefined])).toBeUndefined();
});

it("a table is aligned: names to the left, numbers to the right", () => {
  expect(
    table(
      ["engine", "s"],
      [
        ["blas", "1.25"],
        ["wasm, a long name", "10.5"],
      ],
    ),
  ).toBe(
    [
      "| engine            |    s |",
      "| ----------------- | ---: |",
      "| blas              | 1.25 |",
      "| wasm, a long name | 10.5 |",
    ].join("\n"),
  );
});

it("a number has two digits after the point at most, three significant ones where it can, and none is a dash", () => {
  expect([1.234, 12.34, 123.4, undefined].map(figure)).toEqual(["1.23", "12.3", "123", "–"]);
});
