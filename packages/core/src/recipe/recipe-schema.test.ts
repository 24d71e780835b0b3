import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { brokenReferences, isValid } from "../../test/json-schema.js";
import { toyHost } from "../../test/toy-host.js";
import type { JsonObject } from "../contracts/json.js";
import { openHost } from "../node/index.js";
import { plain } from "./located.js";
import { parseYaml } from "./parse-yaml.js";
import { recipeSchema } from "./recipe-schema.js";

const schema = await recipeSchema(toyHost());

/** A recipe as an editor sees it. */
function valid(lines: string): boolean {
  return isValid(schema, plain(parseYaml(lines, "r.yaml")));
}

const HEAD = "name: x\nexperiment: fusion\n";

describe("the schema of recipes", () => {
  it("has no reference that leads nowhere", () => {
    expect(brokenReferences(schema)).toEqual([]);
    expect(brokenReferences({ $ref: "#/$defs/a", $defs: { b: {} } })).toEqual(["#/$defs/a"]);
  });

  it("keeps no mark of core's own", () => {
    expect(JSON.stringify(schema)).not.toContain('"contribution"');
  });

  it.each([
    "dataset: bars",
    "dataset: { name: bars, options: { train: 9 } }",
    "partition: { method: drawn, options: { share: 0.5 } }",
    "model: { architecture: toy, options: { hidden: [3] } }",
    "training: { epochs: 3 }",
    "training: { optimizer: { learningRate: 0.1 } }",
    "training: { optimizer: { kind: adam, beta1: 0.5 }, schedule: { kind: step, every: 2 } }",
    "train: { a: { part: joint, training: { batchSize: 8 } } }",
    "fuse: { avg: { method: mean, of: [a, b], options: { scale: 2 }, weights: [1, 2] } }",
    "fuse: { more: { method: tuned, of: [a], options: { training: { epochs: 3 } } } }",
    "evaluate: { again: { method: evaluate, of: [a], options: { split: train } } }",
    "choices: { protocol: { paper: {}, seed: null } }",
    "choices: { p: { one: { training: { epochs: 3, schedule: null }, fuse: { avg: null } } } }",
    "choices: { p: { one: { fuse: { avg: { options: { anything: 1 } } } } } }",
  ])("accepts %s", (line) => {
    expect(valid(HEAD + line)).toBe(true);
  });

  it.each([
    "datset: bars",
    "dataset: bras",
    "dataset: { name: bras }",
    "dataset: { name: bars, options: { tarin: 9 } }",
    "partition: { method: drawn, options: { share: 2 } }",
    "model: { architecture: toy, options: { hidden: 3 } }",
    "training: { epoch: 3 }",
    "training: { epochs: three }",
    "training: { optimizer: { kind: sgdd } }",
    "training: { optimizer: { kind: sgd, lr: 0.1 } }",
    "train: { 1: { part: joint } }",
    "train: { a: { part: joint, training: { batchsize: 8 } } }",
    "fuse: { avg: { method: meen, of: [a, b] } }",
    "fuse: { avg: { method: mean, of: [] } }",
    "fuse: { avg: { method: mean, of: [a], options: { training: {} } } }",
    "fuse: { more: { method: tuned, of: [a], options: { training: { epoch: 3 } } } }",
    "evaluate: { again: { method: evaluate, of: [a], options: { split: tain } } }",
    "choices: { protocol: [a] }",
    "choices: { p: { one: { trainig: {} } } }",
    "choices: { p: { one: { fuse: { avg: { method: mean, options: { scal: 2 } } } } } }",
    "choices: { p: { one: { choices: {} } } }",
  ])("refuses %s", (line) => {
    expect(valid(HEAD + line)).toBe(false);
  });

  it("asks for the name and for an experiment that exists, and nothing else", () => {
    expect(valid(HEAD)).toBe(true);
    expect(valid("name: x")).toBe(false);
    expect(valid("experiment: fusion")).toBe(false);
    expect(valid("name: x\nexperiment: fusoin")).toBe(false);
  });
});

describe("the recipes of this repository", async () => {
  const root = new URL("../../../../", import.meta.url);
  const written = JSON.parse(
    await readFile(new URL("recipes/recipe.schema.json", root), "utf8"),
  ) as JsonObject;

  it("have a schema that is up to date (`npm run schema`)", async () => {
    expect(written).toEqual(await recipeSchema(await openHost(fileURLToPath(root))));
  });

  const files = (await readdir(new URL("recipes/", root))).filter((file) => file.endsWith(".yaml"));

  it.each(files)("%s names it and fits it", async (name) => {
    const text = await readFile(new URL(`recipes/${name}`, root), "utf8");
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/recipe\.schema\.json\n/);
    expect(isValid(written, plain(parseYaml(text, name)))).toBe(true);
  });
});
