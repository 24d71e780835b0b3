import { optionsSchema, trainSettings } from "@isthmus/core";
import { expect, it } from "vitest";
import { optionRows } from "./option-rows.js";

it("options are described by their schema: values, default and meaning, by dotted paths", () => {
  const rows = optionRows({
    type: "object",
    properties: {
      family: { type: "string", enum: ["bezier", "polychain"], default: "bezier", description: "form" },
      hidden: { type: "array", items: { type: "integer" }, default: [8] },
      share: { anyOf: [{ type: "number" }, { type: "null" }] },
      group: { type: "object", properties: { on: { type: "boolean", default: false } } },
    },
  });
  expect(rows).toEqual([
    { path: "family", values: "bezier | polychain", fallback: '"bezier"', description: "form" },
    { path: "hidden", values: "list of integer", fallback: "[8]", description: "" },
    { path: "share", values: "number | null", fallback: undefined, description: "" },
    { path: "group.on", values: "boolean", fallback: "false", description: "" },
  ]);
});

it("what the kinds of a choice have in common is described once", () => {
  const rows = optionRows(optionsSchema(trainSettings).jsonSchema);
  const paths = rows.map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
  expect(rows.find(({ path }) => path === "optimizer.kind")?.values).toBe("sgd | adam");
  expect(rows.find(({ path }) => path === "optimizer.learningRate")).toMatchObject({
    values: "number",
    fallback: undefined,
  });
  expect(rows.find(({ path }) => path === "batchSize")?.fallback).toBe("128");
  expect(rows.find(({ path }) => path === "schedule")).toMatchObject({
    values: "group",
    fallback: '{"kind":"constant"}',
  });
});
