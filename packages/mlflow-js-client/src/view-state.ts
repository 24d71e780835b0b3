import { createHash } from "node:crypto";

/** A chart of a saved view. */
export type ViewChart =
  | { readonly type: "bar"; readonly metric: string; readonly section?: string }
  | {
      readonly type: "line";
      readonly metrics: readonly [string, ...string[]];
      /** Default `step`. */
      readonly xAxis?: "step" | "time" | "time-relative";
      /** 0 (none, the default) to 100. */
      readonly smoothing?: number;
      readonly section?: string;
    }
  | {
      readonly type: "parallel";
      readonly params: readonly string[];
      readonly metrics: readonly string[];
      readonly section?: string;
    };

/** A page that compares an experiment's runs, listed under "Views" in MLflow's web pages. */
export interface SavedView {
  /** Its key in links; letters, digits, `_` and `-`. */
  readonly id: string;
  readonly name: string;
  /** Columns of the table, in order; made by {@link metricColumn} and its siblings. */
  readonly columns?: readonly string[];
  /** Column to sort by. */
  readonly sort?: { readonly column: string; readonly ascending: boolean };
  /** Search filter, in MLflow's grammar. */
  readonly filter?: string;
  /** Charts in order; each goes into its section (default "Charts"), sections in order of appearance. */
  readonly charts?: readonly ViewChart[];
}

/** Column (and search term) of a metric. */
export function metricColumn(key: string): string {
  return `metrics.\`${key}\``;
}

/** Column (and search term) of a parameter. */
export function paramColumn(key: string): string {
  return `params.\`${key}\``;
}

/** Column (and search term) of a tag; those that begin with `mlflow.` cannot be columns. */
export function tagColumn(key: string): string {
  return `tags.\`${key}\``;
}

/** Column of a built-in attribute, for example `Source`. */
export function attributeColumn(name: string): string {
  return `attributes.\`${name}\``;
}

const DEFAULT_SECTION = "Charts";
const RUNS_TO_COMPARE = 10;

/**
 * The state of the runs page as MLflow's web pages (3.17) write it themselves. The format is not documented by MLflow
 * and may change with its releases; an unknown one is ignored by the page.
 *
 * The same view always gives the same state: chart and section ids are derived from the view's id.
 */
export function viewState(view: SavedView): Readonly<Record<string, unknown>> {
  const charts = view.charts ?? [];
  const sections = [...new Set(charts.map(sectionOf))];
  const sectionId = (name: string) => stableUuid(view.id, "section", name);
  const columns = view.columns ?? [];
  return {
    searchFilter: view.filter ?? "",
    orderByKey: view.sort?.column ?? "attributes.start_time",
    orderByAsc: view.sort?.ascending ?? false,
    startTime: "ALL",
    lifecycleFilter: "Active",
    datasetsFilter: [],
    modelVersionFilter: "All Runs",
    selectedColumns: columns,
    columnOrder: columns,
    columnWidths: {},
    runsHiddenMode: "SHOW_ALL",
    viewMaximized: false,
    runListHidden: false,
    // Otherwise the page sorts the sections by name.
    isAccordionReordered: true,
    useGroupedValuesInCharts: true,
    hideEmptyCharts: true,
    groupBy: null,
    groupsExpanded: {},
    globalLineChartConfig: { xAxisKey: "step", lineSmoothness: 0, selectedXAxisMetricKey: "" },
    compareRunSections: sections.map((name) => ({
      uuid: sectionId(name),
      name,
      display: true,
      isReordered: false,
      deleted: false,
      isGenerated: false,
    })),
    compareRunCharts: charts.map((chart, index) => ({
      uuid: stableUuid(view.id, "chart", String(index)),
      runsCountToCompare: RUNS_TO_COMPARE,
      metricSectionId: sectionId(sectionOf(chart)),
      deleted: false,
      isGenerated: false,
      ...chartState(chart),
    })),
  };
}

function sectionOf(chart: ViewChart): string {
  return chart.section ?? DEFAULT_SECTION;
}

function chartState(chart: ViewChart): Readonly<Record<string, unknown>> {
  switch (chart.type) {
    case "bar":
      return { type: "BAR", metricKey: chart.metric, displayName: chart.metric };
    case "line":
      return {
        type: "LINE",
        metricKey: chart.metrics[0],
        selectedMetricKeys: chart.metrics,
        xAxisKey: chart.xAxis ?? "step",
        xAxisScaleType: "linear",
        scaleType: "linear",
        range: {},
        lineSmoothness: chart.smoothing ?? 0,
        yAxisKey: "metric",
        yAxisExpressions: [],
        useGlobalXaxisKey: chart.xAxis === undefined,
        useGlobalLineSmoothing: chart.smoothing === undefined,
      };
    case "parallel":
      return {
        type: "PARALLEL",
        selectedParams: chart.params,
        selectedMetrics: chart.metrics,
        showAllRuns: false,
      };
  }
}

function stableUuid(...parts: readonly string[]): string {
  const hex = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}
