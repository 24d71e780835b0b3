import { flattenParams, type NetworkFormat, type NetworkSummary, type ValueSummary } from "@isthmus/core";
import Table from "cli-table3";
import type { Output } from "../context.js";

const FORMATS: Readonly<Record<NetworkFormat, string>> = {
  isthmus: "checkpoint of Isthmus (safetensors)",
  safetensors: "safetensors",
  "torch-zip": "PyTorch",
  "torch-legacy": "PyTorch before 1.6",
};

const count = (value: number) => value.toLocaleString("en-US");
const figure = (value: number | null) => (value === null ? "" : value.toPrecision(4));

function cells({ count: n, norm, min, max, mean, nan, infinite }: ValueSummary): string[] {
  return [count(n), ...[norm, mean, min, max].map(figure), String(nan + infinite)];
}

/** A network's description as lines for a terminal. */
export function inspectionLines(
  summary: NetworkSummary & { readonly file: string; readonly format: NetworkFormat },
  colors: Output["colors"],
): readonly string[] {
  const { file, format, architecture, options, task, parameters, total, trained, provenance } = summary;
  const broken = total.nan + total.infinite;
  const head = ["parameter", "shape", "role", "values", "norm", "mean", "min", "max", "not finite"];
  const table = new Table({
    head: (broken > 0 ? head : head.slice(0, -1)).map((title) => colors.bold(title)),
    colAligns: ["left", "left", "left", "right", "right", "right", "right", "right", "right"],
    style: { head: [], border: [] },
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  const row = (first: readonly string[], values: ValueSummary) => {
    const all = [...first, ...cells(values)];
    return broken > 0 ? all : all.slice(0, -1);
  };
  table.push(
    ...parameters.map((each) => row([each.name, each.shape.join(" × "), each.role], each)),
    row(["all", "", ""], total),
  );
  const origin = Object.entries(flattenParams(provenance));
  return [
    `${colors.bold(file)}: ${FORMATS[format]}`,
    `  architecture: ${architecture} ${JSON.stringify(options)}`,
    `  task: images of ${task.inputShape.join(" × ")}, ${task.classes} classes`,
    `  parameters: ${count(total.count)}, of which ${count(trained)} are trained`,
    table.toString(),
    ...(origin.length === 0 ? [] : ["provenance:"]),
    ...origin.map(([key, value]) => `  ${colors.dim(key)} ${value}`),
  ];
}
