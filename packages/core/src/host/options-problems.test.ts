import { describe, expect, it } from "vitest";
import { z } from "zod";
import { optionsSchema } from "../contracts/options.js";
import { formatPath, formatProblems, optionsProblems } from "./options-problems.js";

function problemsOf(schema: z.ZodType, input: unknown) {
  const { safeParse, jsonSchema } = optionsSchema(schema);
  const result = safeParse(input);
  return result.success ? [] : optionsProblems(result.error.issues, jsonSchema);
}

const optimizer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("sgd"), learningRate: z.number(), momentum: z.number().default(0) }),
  z.strictObject({ kind: z.literal("adam"), learningRate: z.number(), beta1: z.number().default(0.9) }),
]);

describe("an unknown key", () => {
  it("is answered with the nearest valid key, at its own path", () => {
    expect(
      problemsOf(z.strictObject({ optimizer }), { optimizer: { kind: "sgd", learningRate: 1, momentun: 1 } }),
    ).toEqual([
      {
        path: ["optimizer", "momentun"],
        message: 'unknown key "momentun"',
        hint: 'Did you mean "momentum"?',
      },
    ]);
  });

  it("unlike any other is answered with all of them", () => {
    expect(
      problemsOf(z.strictObject({ bends: z.number(), degree: z.number() }), { bends: 1, degree: 1, x: 1 }),
    ).toEqual([{ path: ["x"], message: 'unknown key "x"', hint: "Valid keys: bends, degree." }]);
  });

  it("is one problem per key", () => {
    const problems = problemsOf(z.strictObject({ a: z.number().optional() }), { one: 1, two: 2 });
    expect(problems.map(({ path }) => path)).toEqual([["one"], ["two"]]);
  });

  it("is found inside lists, tuples, records and recursive schemas", () => {
    const unit = z.strictObject({ width: z.number() });
    const tree = z.strictObject({
      width: z.number(),
      get children() {
        return z.array(tree).optional();
      },
    });
    const schema = z.strictObject({
      list: z.array(unit),
      pair: z.tuple([z.number(), unit]),
      named: z.record(z.string(), unit),
      tree,
    });
    const bad = { width: 1, widht: 1 };
    const problems = problemsOf(schema, {
      list: [{ width: 1 }, bad],
      pair: [1, bad],
      named: { any: bad },
      tree: { width: 1, children: [{ width: 1, children: [bad] }] },
    });
    expect(problems.map(({ path }) => formatPath(path))).toEqual([
      "list[1].widht",
      "pair[1].widht",
      "named.any.widht",
      "tree.children[0].children[0].widht",
    ]);
    expect(new Set(problems.map(({ hint }) => hint))).toEqual(new Set(['Did you mean "width"?']));
  });
});

it("a key that breaks a rule is reported with the rule", () => {
  const row = z.string().regex(/^[a-z]+$/, "rows are words");
  expect(problemsOf(z.strictObject({ rows: z.record(row, z.number()) }), { rows: { "1 2": 1 } })).toEqual([
    { path: ["rows", "1 2"], message: "wrong key: rows are words" },
  ]);
});

describe("of several alternatives", () => {
  const schema = z.strictObject({
    widths: z.union([z.literal("same"), z.strictObject({ first: z.number() })]),
  });

  it("the one that was meant is reported", () => {
    expect(problemsOf(schema, { widths: { firts: 3, first: 1 } })).toEqual([
      { path: ["widths", "firts"], message: 'unknown key "firts"', hint: 'Did you mean "first"?' },
    ]);
    expect(problemsOf(schema, { widths: { first: "x" } }).map(({ path }) => path)).toEqual([
      ["widths", "first"],
    ]);
  });

  it("all are reported where none was meant", () => {
    const [problem, ...others] = problemsOf(schema, { widths: 3 });
    expect(others).toEqual([]);
    expect(problem?.path).toEqual(["widths"]);
    expect(problem?.message).toMatch(/"same".*, or: .*object/);
  });
});

it("a wrong value keeps the message of its schema library", () => {
  const [problem] = problemsOf(z.strictObject({ optimizer }), { optimizer: { kind: "lion" } });
  expect(problem?.path).toEqual(["optimizer", "kind"]);
  expect(problem?.message).toMatch(/sgd.*adam/);
});

it("problems are shown one per line", () => {
  expect(
    formatProblems([
      { path: [], message: "expected an object" },
      { path: ["layers", 0, "units"], message: 'unknown key "units"', hint: 'Did you mean "unit"?' },
    ]),
  ).toBe('  expected an object\n  layers[0].units: unknown key "units". Did you mean "unit"?');
});
