import { describe, expect, it } from "vitest";
import { experimentUrl, runUrl } from "./links.js";

describe("links to MLflow's pages", () => {
  it("open the pages for model training", () => {
    expect(runUrl("http://h/p", "3", "r1")).toBe(
      "http://h/p/#/experiments/3/runs/r1?workflowType=machine_learning",
    );
    expect(experimentUrl("http://h", "3")).toBe(
      "http://h/#/experiments/3/runs?workflowType=machine_learning",
    );
  });

  it("can open a saved view with its charts", () => {
    expect(experimentUrl("http://h", "3", { view: "v1", mode: "chart" })).toBe(
      "http://h/#/experiments/3/runs?workflowType=machine_learning&viewStateShareKey=v1&compareRunsMode=CHART",
    );
  });
});
