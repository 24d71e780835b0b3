import pc from "picocolors";
import { describe, expect, it } from "vitest";
import { resultsCsv } from "./csv.js";
import { type DocumentRow, documentRow } from "./document.js";
import { accuracyFigure, fileName, withDistinctNames } from "./figures.js";
import { formatSeconds, formatStatistic } from "./format.js";
import { resultsMarkdown, resultsSentence, resultsTable } from "./table.js";

const rows: readonly DocumentRow[] = [
  {
    model: "joint",
    seeds: [0, 1],
    accuracy: { mean: 95, std: 1, values: [96, 94] },
    loss: { mean: 0.25, std: 0.05, values: [0.2, 0.3] },
  },
  { model: 'a|b,"c"', seeds: [1], accuracy: { mean: 0.1 + 0.2, std: 0, values: [0.1 + 0.2] } },
];

/** Reads CSV as RFC 4180 says. */
function readCsv(text: string): string[][] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
      ),
    );
}

describe("results.csv", () => {
  const [header, ...lines] = readCsv(resultsCsv(rows, [0, 1]));

  it("has a column for each seed, empty where a model lacks it", () => {
    expect(header?.slice(-2)).toEqual(["accuracy_seed_0", "accuracy_seed_1"]);
    expect(lines[0]).toEqual(["joint", "0 1", "95", "1", "0.25", "0.05", "96", "94"]);
    expect(lines[1]?.slice(-2)).toEqual(["", String(0.1 + 0.2)]);
  });

  it("keeps every digit and any name", () => {
    expect(Number(lines[1]?.[2])).toBe(0.1 + 0.2);
    expect(lines[1]?.[0]).toBe('a|b,"c"');
  });
});

describe("the table", () => {
  it("shows mean ± deviation in percent, and the value alone of a single seed", () => {
    const text = resultsTable(rows, [0, 1], pc.createColors(false));
    expect(text).toContain("95.00 ± 1.00");
    expect(text).toContain("0.2500 ± 0.0500");
    expect(text).toMatch(/a\|b,"c".*0\.30 /);
    expect(text).toContain("seeds 0, 1");
  });

  const page = { recipe: "r", rows, seeds: [0, 1], choices: {}, settings: [], backend: "cpu" };

  it("says which choices and settings it was made with", () => {
    const made = { ...page, choices: { protocol: "seed" }, settings: ["training.epochs=1"] };
    expect(resultsMarkdown(made).split("\n")[2]).toBe("With protocol=seed, training.epochs=1.");
    expect(resultsSentence(made)).toMatch(
      /^Test accuracy \(%\): joint 95\.00 ± 1\.00; .* With protocol=seed/,
    );
  });

  it("is a Markdown table in which names cannot break columns", () => {
    const lines = resultsMarkdown(page).split("\n");
    expect(lines.slice(0, 5)).toEqual([
      "# r",
      "",
      "| model | accuracy (%) | loss |",
      "| --- | ---: | ---: |",
      "| joint | 95.00 ± 1.00 | 0.2500 ± 0.0500 |",
    ]);
    expect(lines[5]).toBe('| a\\|b,"c" | 0.30 |  |');
  });
});

describe("numbers for people", () => {
  it.each([
    [0.04, "0.0 s"],
    [9.84, "9.8 s"],
    [59.96, "1 min 0 s"],
    [754, "12 min 34 s"],
    [3599.6, "1 h 0 min"],
    [7380, "2 h 3 min"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it("a statistic is rounded, not cut", () => {
    expect(formatStatistic({ mean: 97.126, std: 0.456, values: [1, 2] }, 2)).toBe("97.13 ± 0.46");
  });
});

describe("the JSON document", () => {
  it("says nothing twice", () => {
    const statistic = (value: number) => ({ mean: value, std: 0, values: [value] });
    const metrics = {
      "test/accuracy": statistic(0.5),
      "test/loss": statistic(1),
      "curve/barrier": statistic(2),
    };
    const row = documentRow({
      model: "mpf",
      seeds: [0],
      accuracy: statistic(50),
      loss: statistic(1),
      metrics,
    });
    expect(row.metrics).toEqual({ "curve/barrier": statistic(2) });
    expect(row.accuracy).toEqual(statistic(50));
    expect("metrics" in documentRow({ model: "a", seeds: [0], metrics: {} })).toBe(false);
  });
});

describe("figures", () => {
  it("names of files hold nothing that a file system minds", () => {
    expect(fileName("fuse mpf seed=0: path/../x")).toBe("fuse-mpf-seed-0-path-..-x");
    expect(fileName("../..")).toBe("unnamed");
    expect(fileName("é")).toBe("unnamed");
  });

  it("names differ, whatever the case", () => {
    const names = ["plan", "Plan", "plan", "other"].map((name) => ({ name, title: name, spec: {} }));
    expect(withDistinctNames(names).map(({ name }) => name)).toEqual(["plan", "Plan-2", "plan-3", "other"]);
  });

  it("the bar chart shows the models that have an accuracy; without any there is none", async () => {
    const figure = await accuracyFigure([...rows, { model: "none", seeds: [0] }]);
    expect(JSON.stringify(figure?.spec)).toContain("joint");
    expect(JSON.stringify(figure?.spec)).not.toContain('"none"');
    expect(await accuracyFigure([])).toBeUndefined();
  });
});
