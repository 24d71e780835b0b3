import { describe, expect, it } from "vitest";
import { toyHost } from "../../test/toy-host.js";
import { isIsthmusError } from "../errors/isthmus-error.js";
import { readRecipe } from "./read-recipe.js";

const host = toyHost();

/** A sound recipe; the tests break one line of it at a time. */
const LINES = [
  "name: toys", // 1
  "experiment: fusion", // 2
  "seeds: [0, 1]", // 3
  "dataset: { name: bars, options: { train: 60 } }", // 4
  "partition:", // 5
  "  method: drawn", // 6
  "  options: { share: 0.25 }", // 7
  "model: { architecture: toy }", // 8
  "training:", // 9
  "  epochs: 2", // 10
  "  optimizer: { kind: sgd, learningRate: 0.1 }", // 11
  "train:", // 12
  "  a: { part: a }", // 13
  "  b: { part: b, training: { batchSize: 16 } }", // 14
  "fuse:", // 15
  "  avg: { method: mean, of: [a, b] }", // 16
  "evaluate:", // 17
  "  again: { method: evaluate, of: [avg], options: { split: train } }", // 18
];

/** The recipe with some lines replaced, by number. */
const recipe = (changes: Readonly<Record<number, string>> = {}): string =>
  LINES.map((line, i) => changes[i + 1] ?? line).join("\n");

async function failureOf(text: string, sets: readonly string[] = []) {
  try {
    await (await readRecipe(text, { file: "r.yaml", sets }, host)).plan();
  } catch (error) {
    if (isIsthmusError(error)) return { code: error.code, lines: error.message.split("\n") };
    throw error;
  }
  throw new Error("The recipe is sound.");
}

/** What is wrong with the recipe once some lines are replaced; every line of the message. */
async function problems(
  changes: Readonly<Record<number, string>>,
  sets: readonly string[] = [],
): Promise<readonly string[]> {
  const { code, lines } = await failureOf(recipe(changes), sets);
  expect(code).toBe("recipe/invalid");
  return lines;
}

describe("a sound recipe", () => {
  it("is read with its header, its body and its text", async () => {
    const read = await readRecipe(recipe(), { file: "r.yaml" }, host);
    expect(read).toMatchObject({
      name: "toys",
      title: "toys",
      experiment: "fusion",
      seeds: [0, 1],
      choices: {},
      text: recipe(),
    });
    expect(Object.keys(read.body)).toEqual([
      "dataset",
      "partition",
      "model",
      "training",
      "train",
      "fuse",
      "evaluate",
    ]);
  });

  it("takes other seeds from outside, for its plan too", async () => {
    const read = await readRecipe(recipe(), { file: "r.yaml", seeds: [7] }, host);
    expect(read.seeds).toEqual([7]);
    expect(new Set((await read.plan()).networks.map(({ seed }) => seed))).toEqual(new Set([7]));
  });

  it("may name its data set alone, deal nothing out, and repeat nothing", async () => {
    const text = [
      "{ name: x, title: All of it, experiment: fusion, dataset: bars, model: { architecture: toy },",
      "training: { epochs: 1, optimizer: { kind: adam } }, train: { all: { part: joint } } }",
    ].join("\n");
    const read = await readRecipe(text, { file: "r.yaml" }, host);
    expect([read.title, read.seeds]).toEqual(["All of it", [0]]);
    const { steps } = await read.plan();
    expect(steps[0].options).toMatchObject({
      seed: 0,
      partition: null,
      part: "joint",
      dataset: { name: "bars" },
    });
  });
});

describe("a wrong recipe is refused with file, line and column", () => {
  it.each<[string, Record<number, string>, string, ...string[]]>([
    [
      "a syntax error",
      { 16: "  avg: method: mean" },
      "r.yaml:16:8: Nested mappings are not allowed in compact mappings",
    ],
    ["a key that is given twice", { 8: "training: {}" }, "r.yaml:9:1: Map keys must be unique"],
    ["a tag", { 3: "seeds: !list [0]" }, "r.yaml:3:8: Unresolved tag: !list"],
    [
      "an unknown key at the top",
      { 9: "trainin:" },
      'r.yaml:9:1: unknown key "trainin". Did you mean "training"?',
    ],
    [
      "an unknown key below",
      { 13: "  a: { prt: a }" },
      "r.yaml:13:3: train.a.part: missing; expected string",
      'r.yaml:13:8: unknown key "prt". Did you mean "part"?',
    ],
    [
      "an unknown training setting",
      { 10: "  epocs: 2" },
      "r.yaml:9:1: training.epochs: missing; expected number",
      'r.yaml:10:3: unknown key "epocs". Did you mean "epochs"?',
    ],
    [
      "an unknown option of a contribution",
      { 7: "  options: { shar: 0.25 }" },
      'r.yaml:7:14: unknown key "shar". Did you mean "share"?',
    ],
    [
      "a missing entry",
      { 16: "  avg: { method: mean }" },
      "r.yaml:16:3: fuse.avg.of: missing; expected array",
    ],
    [
      "a missing section",
      { 8: "" },
      "r.yaml:1:1: model: missing; expected the architecture of the networks to train",
    ],
    [
      "a wrong type in the header",
      { 3: "seeds: [0, one]" },
      'r.yaml:3:12: seeds.1: expected number, found "one"',
    ],
    ["a seed given twice", { 3: "seeds: [1, 1]" }, "r.yaml:3:1: seeds: each seed is given once, found [1,1]"],
    [
      "a name that is no name",
      { 1: "name: a b" },
      'r.yaml:1:7: name: a recipe\'s name is made of letters, digits, -, _ and ., found "a b"',
    ],
    [
      "a wrong type in the body",
      { 16: "  avg: { method: mean, of: a }" },
      'r.yaml:16:28: fuse.avg.of: expected array, found "a"',
    ],
    [
      "a wrong type in the training settings",
      { 10: "  epochs: ten" },
      'r.yaml:10:11: training.epochs: expected number, found "ten"',
    ],
    [
      "a wrong setting of one network",
      { 14: "  b: { part: b, training: { batchSize: 0.5 } }" },
      "r.yaml:14:40: train.b.training.batchSize: expected int, found 0.5",
    ],
    [
      "an unknown setting of one network",
      { 14: "  b: { part: b, training: { batchsize: 16 } }" },
      'r.yaml:14:29: unknown key "batchsize". Did you mean "batchSize"?',
    ],
    [
      "an optimizer that does not exist",
      { 11: "  optimizer: { kind: sdg, learningRate: 0.1 }" },
      "r.yaml:11:22: training.optimizer.kind: expected 'sgd' | 'adam', found \"sdg\"",
    ],
    [
      "a wrong type of an option",
      { 4: "dataset: { name: bars, options: { train: many } }" },
      'r.yaml:4:42: dataset.options.train: expected number, found "many"',
    ],
    [
      "a part that is not dealt out",
      { 13: "  a: { part: c }" },
      'r.yaml:13:14: train.a.part: there is no part "c". Did you mean "a"? There are: joint, a, b.',
    ],
    [
      "a row that is not there",
      { 16: "  avg: { method: mean, of: [a, bb] }" },
      'r.yaml:16:32: fuse.avg.of.1: there is no row "bb" before "avg". Did you mean "b"? There are: a, b.',
    ],
    [
      "a row that comes later",
      {
        16: "  one: { method: mean, of: [a, two] }\n  two: { method: mean, of: [a, b] }",
        17: "",
        18: "",
      },
      'r.yaml:16:32: fuse.one.of.1: there is no row "two" before "one". There are: a, b.',
    ],
    [
      "a base that is not there",
      { 16: "  avg: { method: fresh, of: [a], base: c }" },
      'r.yaml:16:40: fuse.avg.base: there is no row "c" before "avg". Did you mean "a"? There are: a, b.',
    ],
    [
      "a method without the base it needs",
      { 16: "  avg: { method: fresh, of: [a] }" },
      'r.yaml:16:3: fuse.avg: the method "fresh" needs the common ancestor of the networks. Name its row as `base`.',
    ],
    [
      "weights of another number",
      { 16: "  avg: { method: mean, of: [a, b], weights: [1] }" },
      "r.yaml:16:36: fuse.avg.weights: 2 rows need 2 weights that are not all 0, found [1]",
    ],
    [
      "weights that add up to nothing",
      { 16: "  avg: { method: mean, of: [a, b], weights: [0, 0] }" },
      "r.yaml:16:36: fuse.avg.weights: 2 rows need 2 weights that are not all 0, found [0,0]",
    ],
    [
      "a row whose name is a number and would come first",
      { 16: "  1: { method: mean, of: [a, b] }", 17: "", 18: "" },
      "r.yaml:16:3: fuse.1: wrong key: a row's name begins with a letter and goes on with letters, digits, - and _",
    ],
    [
      "a row that is trained and fused",
      { 16: "  avg: { method: mean, of: [a] }\n  b: { method: mean, of: [a] }" },
      'r.yaml:17:3: fuse.b: the row "b" exists already. Give it another name.',
    ],
    [
      "the best epoch of no validation",
      { 13: "  a: { part: a, checkpoint: best }" },
      "r.yaml:13:29: train.a.checkpoint: the best epoch is chosen on a validation share, but validationShare is 0. Set training.validationShare, e.g. to 0.1.",
    ],
    [
      "an evaluation of no row",
      { 18: "  again: { method: evaluate, of: [abg], options: { split: train } }" },
      'r.yaml:18:35: evaluate.again.of.0: there is no row "abg". Did you mean "avg"? There are: a, b, avg.',
    ],
    [
      "a wrong option of an evaluation",
      { 18: "  again: { method: evaluate, of: [avg], options: { split: tain } }" },
      'r.yaml:18:59: evaluate.again.options.split: expected one of "train"|"test", found "tain"',
    ],
    [
      "a wrong value behind an alias",
      { 3: "seeds: &s [0]", 13: "  a: { part: a, stream: *s }" },
      "r.yaml:13:17: train.a.stream: expected string, found [0]",
    ],
  ])("%s", async (_, changes, ...expected) => {
    expect(await problems(changes)).toEqual(expected);
  });

  it.each<[string, number, string, string]>([
    ["data set", 4, "dataset: bras", 'r.yaml:4:10: dataset: there is no data set "bras"'],
    [
      "data set with options",
      4,
      "dataset: { name: bras }",
      'r.yaml:4:18: dataset.name: there is no data set "bras"',
    ],
    ["partition", 6, "  method: drwan", 'r.yaml:6:11: partition.method: there is no partition "drwan"'],
    [
      "architecture",
      8,
      "model: { architecture: toyy }",
      'r.yaml:8:24: model.architecture: there is no architecture "toyy"',
    ],
    [
      "fusion method",
      16,
      "  avg: { method: meen, of: [a, b] }",
      'r.yaml:16:18: fuse.avg.method: there is no fusion method "meen"',
    ],
    ["experiment", 2, "experiment: fusoin", 'r.yaml:2:13: experiment: there is no experiment "fusoin"'],
    [
      "step",
      18,
      "  again: { method: evalute, of: [avg] }",
      'r.yaml:18:20: evaluate.again.method: there is no step "evalute"',
    ],
  ])("an unknown %s, with the nearest one", async (_, line, text, expected) => {
    const nearest = {
      bras: "bars",
      drwan: "drawn",
      toyy: "toy",
      meen: "mean",
      fusoin: "fusion",
      evalute: "evaluate",
    };
    const [first] = await problems({ [line]: text });
    const wrong = Object.entries(nearest).find(([name]) => text.includes(name)) as [string, string];
    expect(first.startsWith(`${expected}. Did you mean "${wrong[1]}"?`), first).toBe(true);
  });

  it.each(["", "# nothing but a comment", "[]", "fusion"])("what is no map: %j", async (text) => {
    const { code, lines } = await failureOf(text);
    expect([code, lines]).toEqual(["recipe/invalid", ["r.yaml:1:1: a recipe is a map of keys and values"]]);
  });
});

describe("what can be told apart is reported together", () => {
  it("in header and body", async () => {
    const found = await problems({ 1: "nmae: toys", 3: "seeds: []", 13: "  a: { prt: a }" });
    expect(found.map((line) => line.split(": ")[0])).toEqual([
      "r.yaml:1:1",
      "r.yaml:3:1",
      "r.yaml:13:3",
      "r.yaml:13:8",
      "r.yaml:1:1",
    ]);
  });

  it("in the parts that all networks share", async () => {
    const found = await problems({
      4: "dataset: bras",
      7: "  options: { share: 2 }",
      8: "model: { architecture: mpl }",
    });
    expect(found.map((line) => line.split(": ")[0])).toEqual(["r.yaml:4:10", "r.yaml:7:21", "r.yaml:8:24"]);
  });

  it("in all rows, and what several rows share only once", async () => {
    const found = await problems({
      10: "  epochs: ten",
      13: "  a: { part: c }",
      16: "  avg: { method: meen, of: [a, x, y] }",
      18: "  again: { method: evaluate, of: [z], options: { spilt: train } }",
    });
    expect(found.map((line) => line.split(": ")[0])).toEqual([
      "r.yaml:10:11",
      "r.yaml:13:14",
      "r.yaml:16:18",
      "r.yaml:16:32",
      "r.yaml:16:35",
      "r.yaml:18:39",
      "r.yaml:18:50",
      "r.yaml:18:35",
    ]);
  });
});
