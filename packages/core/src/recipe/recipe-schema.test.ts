import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { isValid } from "../../test/json-schema.js";
import { shippedHost, shippedText } from "../../test/shipped.js";
import { toyHost } from "../../test/toy-host.js";
import type { Json, JsonObject } from "../contracts/json.js";
import { recipeSchema } from "./recipe-schema.js";

let schema: JsonObject;

beforeAll(async () => {
  schema = await recipeSchema(await shippedHost());
});

/** The value with `value` at a path; undefined takes the entry away. */
function changed(recipe: Json, path: readonly (string | number)[], value: Json | undefined): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value as Json;
  const own = recipe as { [key: string]: Json };
  const copy = { ...own, [key]: rest.length === 0 ? (value as Json) : changed(own[key] ?? {}, rest, value) };
  if (rest.length === 0 && value === undefined) delete copy[key];
  return copy;
}

/** Every reference in a schema. */
function references(value: Json): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(references);
  return Object.entries(value).flatMap(([key, each]) =>
    key === "$ref" ? [each as string] : references(each),
  );
}

describe("the schema of recipes", () => {
  it("is what lies beside them", async () => {
    expect(JSON.parse(await shippedText("recipe.schema.json")), "run: npm run schema").toEqual(schema);
  });

  it("has no reference that leads nowhere", () => {
    const all = new Set(references(schema));
    expect(all.size).toBeGreaterThan(5);
    for (const reference of all) {
      expect(reference).toMatch(/^#\/\$defs\//);
      expect(Object.keys(schema.$defs as JsonObject)).toContain(reference.slice("#/$defs/".length));
    }
  });

  it("keeps the references of a recursive schema together, whatever it is called", async () => {
    const { $defs } = (await recipeSchema(toyHost())) as { $defs: JsonObject };
    const caller = JSON.stringify($defs["fusion.caller"]);
    expect(caller).toContain('"$ref":"#/$defs/fusion.caller.__schema0"');
    expect(Object.keys($defs)).toContain("fusion.caller.__schema0");
    const options = (value: Json) => isValid({ options: value }, $defs["fusion.caller"], { $defs });
    expect(options({ a: [{ b: "c" }] })).toBe(true);
    expect(options("a")).toBe(false);
  });

  it("says which definition describes the options of which contribution", () => {
    const { bends, family } = (schema.$defs as Record<string, { properties: JsonObject }>)["fusion.curve"]
      .properties;
    expect(JSON.stringify(bends)).toContain("control points");
    expect(JSON.stringify(family)).toContain("polychain");
  });
});

describe.each(["table1-mnist", "quickstart"])("of %s, the schema", (name) => {
  let recipe: Json;

  beforeAll(async () => {
    recipe = parse(await shippedText(`${name}.yaml`)) as Json;
  });

  it("accepts the recipe", () => {
    expect(isValid(recipe, schema, schema)).toBe(true);
  });

  it.each<[string, (string | number)[], Json | undefined]>([
    ["an unknown key at the top", ["trainings"], {}],
    ["an unknown key of a row", ["fuse", "avg", "methd"], "average"],
    ["an unknown training setting", ["training", "epoch"], 3],
    ["an unknown setting of one network", ["train", "a", "training"], { optimizer: { momentun: 0.9 } }],
    ["an unknown option", ["fuse", "mpf", "options", "bend"], 3],
    ["an unknown option of the architecture", ["model", "options", "hiden"], [3]],
    ["a wrong type", ["seeds"], "all"],
    ["a wrong type of an option", ["fuse", "mpf", "options", "bends"], "three"],
    ["a value out of range", ["fuse", "mpf", "options", "at"], 2],
    ["an unknown method", ["fuse", "mpf", "method"], "curv"],
    ["an unknown data set", ["dataset"], "mnst"],
    ["an unknown experiment", ["experiment"], "fusions"],
    ["a row that is no name", ["train", "1"], { part: "a" }],
    ["no name", ["name"], undefined],
    ["an unknown key in a block", ["choices"], { x: { y: { training: { epoch: 3 } } } }],
    [
      "an unknown option in a block",
      ["choices"],
      { x: { y: { fuse: { mpf: { method: "curve", options: { bend: 3 } } } } } },
    ],
  ])("refuses %s", (_, path, value) => {
    expect(isValid(changed(recipe, path, value), schema, schema)).toBe(false);
  });

  it.each<[string, (string | number)[], Json | undefined]>([
    ["what a choice may bring", ["model", "architecture"], undefined],
    ["an optimizer that a choice completes", ["training", "optimizer"], { momentum: 0.9 }],
    [
      "a block that removes",
      ["choices"],
      { x: { none: null, y: { fuse: { mpf: null }, training: { epochs: null } } } },
    ],
    ["another data set with options", ["dataset"], { name: "digits", options: { train: 100 } }],
  ])("accepts %s", (_, path, value) => {
    expect(isValid(changed(recipe, path, value), schema, schema)).toBe(true);
  });
});
