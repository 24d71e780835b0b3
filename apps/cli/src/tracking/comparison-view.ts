import { metricColumn, type SavedView, tagColumn } from "@isthmus/mlflow-js-client";

/**
 * The page on which an experiment's networks are compared: the table sorted by test accuracy, which also lists the networks
 * beside each other instead of folding them below their invocation; the results as bars; how training went as lines.
 */
export const comparisonView: SavedView = {
  id: "isthmus-comparison",
  name: "Isthmus: comparison",
  columns: [
    tagColumn("row"),
    metricColumn("test/accuracy"),
    metricColumn("test/loss"),
    tagColumn("method"),
    tagColumn("protocol"),
    tagColumn("seed"),
    tagColumn("architecture"),
    tagColumn("backend"),
  ],
  sort: { column: metricColumn("test/accuracy"), ascending: false },
  charts: [
    { type: "bar", metric: "test/accuracy", section: "Results" },
    { type: "bar", metric: "test/loss", section: "Results" },
    { type: "line", metrics: ["train/loss"], section: "Training" },
    { type: "line", metrics: ["val/accuracy"], section: "Training" },
    { type: "line", metrics: ["train/learning_rate"], section: "Training" },
  ],
};
