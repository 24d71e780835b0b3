import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { metricColumn, paramColumn, type SavedView, viewState } from "./view-state.js";
import { viewTag } from "./views.js";

const view: SavedView = {
  id: "study-1",
  name: "Study",
  columns: [metricColumn("test/acc"), paramColumn("lr")],
  sort: { column: metricColumn("test/acc"), ascending: false },
  filter: "params.model = 'mlp'",
  charts: [
    { type: "bar", metric: "test/acc", section: "Results" },
    { type: "line", metrics: ["train/loss", "val/loss"] },
    { type: "parallel", params: ["lr"], metrics: ["test/acc"], section: "Results" },
  ],
};

describe("a saved view", () => {
  it("is a tag with name, times and packed state", () => {
    const tag = viewTag(view, { createdAt: 5, updatedAt: 6 });
    const value = JSON.parse(tag.value);
    expect(tag.key).toBe("mlflow.sharedViewState.study-1");
    expect(value).toMatchObject({ name: "Study", createdAt: 5, updatedAt: 6 });
    const state = inflateSync(Buffer.from(value.state.replace("deflate;", ""), "base64")).toString();
    expect(JSON.parse(state)).toEqual(JSON.parse(JSON.stringify(viewState(view))));
  });

  it("has columns, order and filter as asked", () => {
    expect(viewState(view)).toMatchObject({
      selectedColumns: ["metrics.`test/acc`", "params.`lr`"],
      columnOrder: ["metrics.`test/acc`", "params.`lr`"],
      orderByKey: "metrics.`test/acc`",
      orderByAsc: false,
      searchFilter: "params.model = 'mlp'",
    });
  });

  it("puts each chart into its section, sections in order of appearance", () => {
    const { compareRunSections, compareRunCharts } = viewState(view) as {
      compareRunSections: { uuid: string; name: string }[];
      compareRunCharts: { uuid: string; type: string; metricSectionId: string }[];
    };
    const nameOf = Object.fromEntries(compareRunSections.map(({ uuid, name }) => [uuid, name]));
    expect(compareRunSections.map(({ name }) => name)).toEqual(["Results", "Charts"]);
    expect(compareRunCharts.map((chart) => [chart.type, nameOf[chart.metricSectionId]])).toEqual([
      ["BAR", "Results"],
      ["LINE", "Charts"],
      ["PARALLEL", "Results"],
    ]);
    expect(new Set(compareRunCharts.map(({ uuid }) => uuid)).size).toBe(3);
  });

  it("needs an id that fits into a link", () => {
    expect(() => viewTag({ ...view, id: "a/b" }, { createdAt: 0, updatedAt: 0 })).toThrow(/view id/);
  });
});
