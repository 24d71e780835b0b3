import { describe, expect, it } from "vitest";
import { toyHost } from "../../test/toy-host.js";
import { isIsthmusError } from "../errors/isthmus-error.js";
import { readRecipe } from "./read-recipe.js";

const host = toyHost();

const TEXT = `name: toys
experiment: fusion
dataset: { name: bars, options: { train: 60 } }
model: { architecture: toy }
training:
  epochs: 2
  optimizer: { kind: sgd, learningRate: 0.1, momentum: 0.5 }
train:
  all: { part: joint }
  more: { part: joint, stream: more }
fuse:
  avg: { method: mean, of: [all, more] }
choices:
  length:
    short: {}
    long: { training: { epochs: 20 } }
  protocol:
    plain:
    odd:
      training:
        optimizer: { momentum: null, learningRate: 0.3 }
        epochs: 7
      fuse:
        twice: { method: mean, of: [avg, more], options: { scale: 2 } }
    broken:
      training:
        optimizer: { momentun: 0.9 }
      fuse:
        avg: { of: [all, less] }
`;

const read = (...sets: readonly string[]) => readRecipe(TEXT, { file: "r.yaml", sets }, host);

async function problems(...sets: readonly string[]): Promise<readonly string[]> {
  try {
    await (await read(...sets)).plan();
  } catch (error) {
    if (isIsthmusError(error) && error.code === "recipe/invalid") return error.message.split("\n");
    throw error;
  }
  throw new Error("The recipe is sound.");
}

const SGD = { kind: "sgd", learningRate: 0.1 };

describe("choices", () => {
  it("are the first of each by default, and are told", async () => {
    const { choices, body } = await read();
    expect(choices).toEqual({ length: "short", protocol: "plain" });
    expect(body.training).toEqual({ epochs: 2, optimizer: { ...SGD, momentum: 0.5 } });
    expect(body).not.toHaveProperty("choices");
  });

  it("merge maps, replace values and remove with null", async () => {
    const { choices, body } = await read("protocol=odd");
    expect(choices).toEqual({ length: "short", protocol: "odd" });
    expect(body.training).toEqual({ epochs: 7, optimizer: { kind: "sgd", learningRate: 0.3 } });
    expect(Object.keys(body.fuse as object)).toEqual(["avg", "twice"]);
  });

  it("are merged in the order in which they are written, whatever the order of the settings", async () => {
    for (const sets of [
      ["length=long", "protocol=odd"],
      ["protocol=odd", "length=long"],
    ]) {
      expect((await read(...sets)).body.training).toMatchObject({ epochs: 7 });
    }
  });

  it("that are picked twice are as the last setting says", async () => {
    expect((await read("protocol=odd", "protocol=plain")).choices.protocol).toBe("plain");
  });

  it("report a wrong entry of a block where the block says it", async () => {
    expect(await problems("protocol=broken")).toEqual([
      'r.yaml:27:22: unknown key "momentun". Did you mean "momentum"?',
      'r.yaml:29:26: fuse.avg.of.1: there is no row "less" before "avg". There are: all, more.',
    ]);
  });

  it("that do not exist are reported with the nearest", async () => {
    expect(await problems("protocol=od")).toEqual([
      '--set protocol=od: the choice "protocol" has no block "od". Did you mean "odd"? There are: plain, odd, broken.',
    ]);
    const [line] = await problems("protocl=odd");
    expect(line).toBe('--set protocl=odd: unknown key "protocl". Did you mean "protocol"?');
  });

  it("are not places to set something, and come from no setting", async () => {
    expect(await problems("protocol.odd=1")).toEqual([
      '--set protocol.odd=1: "protocol" is a choice. Pick one of its blocks: plain, odd, broken.',
    ]);
    expect(await problems("choices.protocol.odd=null")).toHaveLength(1);
  });

  it.each([
    ["choices: [a]", "r.yaml:1:10: `choices` maps names to blocks of which one is picked"],
    ["choices: { p: {} }", 'r.yaml:1:12: the choice "p" has no blocks to pick from'],
    ["choices: { p: { a: 3 } }", 'r.yaml:1:20: the block "a" of "p" is not a map'],
  ])("of another form are refused: %s", async (text, expected) => {
    await expect(readRecipe(text, { file: "r.yaml" }, host)).rejects.toThrow(expected);
  });
});

describe("settings", () => {
  it("set values read as YAML, after the choices, in order", async () => {
    const { body } = await read(
      "training.epochs=9",
      "protocol=odd",
      "model.options.hidden=[4, 3]",
      "training.epochs=11",
    );
    expect(body).toMatchObject({ training: { epochs: 11 }, model: { options: { hidden: [4, 3] } } });
  });

  it("may hold an equals sign, and may be a map that is merged", async () => {
    const { body } = await read("train.all.stream=a=b", "training={batchSize: 8}");
    expect(body).toMatchObject({
      train: { all: { stream: "a=b" } },
      training: { epochs: 2, batchSize: 8 },
    });
  });

  it("change the header too", async () => {
    expect(await read("name=other", "seeds=[3, 4]")).toMatchObject({ name: "other", seeds: [3, 4] });
  });

  it("remove with null", async () => {
    expect((await read("fuse.avg=null")).body.fuse).toEqual({});
  });

  it("make new rows where the recipe's form allows it", async () => {
    const { body } = await read("fuse.half={method: mean, of: [all, more], options: {scale: 0.5}}");
    expect(Object.keys(body.fuse as object)).toEqual(["avg", "half"]);
  });

  it.each([
    ["training.epocs=3", 'unknown key "epocs". Did you mean "epochs"?'],
    ["training.epochs=few", 'training.epochs: expected number, found "few"'],
    ["dataset.options.train=-1.5", "dataset.options.train: expected int, found -1.5"],
    ["model.options.hiden=[3]", 'unknown key "hiden". Did you mean "hidden"?'],
    ["fuse.agv=null", 'there is no "fuse.agv" to remove. Did you mean "fuse.avg"?'],
    ["training.epochs", "this is not a setting. Write --set path.to.option=value, or --set choice=block."],
    ["=3", "this is not a setting. Write --set path.to.option=value, or --set choice=block."],
    ["training..epochs=3", "this is not a setting. Write --set path.to.option=value, or --set choice=block."],
    ["model.options.hidden=[3", "Flow sequence must end with a ]"],
  ])("that are wrong are named: --set %s", async (setting, expected) => {
    const [first] = await problems(setting);
    expect(first).toBe(`--set ${setting}: ${expected}`);
  });

  it("that miss a row say which one may have been meant", async () => {
    const found = await problems("fuse.agv.options.scale=3");
    expect(found).toEqual([
      '--set fuse.agv.options.scale=3: fuse.agv.method: missing; expected string. Did you mean "fuse.avg.options.scale"?',
      '--set fuse.agv.options.scale=3: fuse.agv.of: missing; expected array. Did you mean "fuse.avg.options.scale"?',
    ]);
  });

  it("that are wrong are reported together", async () => {
    expect(await problems("protocol=od", "x", "fuse.b=null")).toHaveLength(3);
  });
});
