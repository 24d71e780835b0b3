import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeParameterSets } from "@isthmus/core";
import pc from "picocolors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliProject, cliProject } from "../test/cli-project.js";
import type { Output } from "./context.js";
import { exitCodeOf } from "./failure.js";
import { createProgram } from "./program.js";
import { reportError } from "./report-error.js";

const DATA = "digits {train: 200, test: 50}";
const recipe = `name: same
experiment: fusion
dataset: { name: digits, options: { train: 200, test: 50 } }
partition: { method: special-class }
model: { architecture: mlp, options: { hidden: [8] } }
training: { epochs: 2, optimizer: { kind: sgd, learningRate: 0.1, momentum: 0.9 } }
train: { a: { part: a }, b: { part: b } }
fuse:
  avg: { method: average, of: [a, b], weights: [3, 1] }
  mpf: { method: curve, of: [a, b], options: { training: { epochs: 1 } } }
`;

let project: CliProject;
beforeAll(async () => {
  project = await cliProject("models", "datasets", "fusion-avg", "fusion-curve");
  await project.write("same.yaml", recipe);
});
afterAll(() => project.remove());

/** What a command prints as JSON; it must succeed. */
async function json(...args: readonly string[]) {
  const { code, stdout, stderr } = await project.isthmus(...args, "--json");
  expect(stderr).not.toContain("error:");
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

const train = (part: string) =>
  json(
    ...["train", "--dataset", DATA, "--arch", "mlp {hidden: [8]}", "--partition", "special-class"],
    ...["--part", part, "--epochs", "2", "--set", "optimizer.learningRate=0.1", "-o", `${part}.safetensors`],
  );

/** What a command does, without a process of its own. */
async function inProcess(args: readonly string[]) {
  const written = { stdout: "", stderr: "" };
  const output = (stream: keyof typeof written): Output => ({
    line: (text = "") => {
      written[stream] += `${text}\n`;
    },
    isTerminal: false,
    colors: pc.createColors(false),
  });
  const context = { cwd: project.dir, env: {}, stdout: output("stdout"), stderr: output("stderr") };
  try {
    await createProgram(context).parseAsync(args, { from: "user" });
    return { code: 0, ...written };
  } catch (error) {
    reportError(error, context.stderr, false);
    return { code: exitCodeOf(error), ...written };
  }
}

describe("commands on network files", () => {
  it("train, evaluate and fuse to exactly the numbers of a recipe, and show what they wrote", async () => {
    const a = await train("a");
    const b = await train("b");
    const { rows, steps } = await json("run", "same.yaml", "--workers", "1");
    const [rowA, rowB, rowAvg, rowMpf] = rows as { accuracy: { mean: number }; loss: { mean: number } }[];
    const numbers = (row: typeof rowA) => ({ accuracy: row?.accuracy.mean, loss: row?.loss.mean });
    expect(steps).toMatchObject({ total: 8, reused: 4 });
    expect(a).toMatchObject({ file: "a.safetensors", ...numbers(rowA) });
    expect(b).toMatchObject(numbers(rowB));

    const evaluated = await json("eval", "a.safetensors", "--dataset", DATA);
    expect(Object.keys(evaluated)).toEqual(["accuracy", "loss", "perClass"]);
    expect(evaluated).toMatchObject(numbers(rowA));
    expect(evaluated.perClass).toHaveLength(10);

    const files = ["a.safetensors", "b.safetensors"];
    const avg = await json(
      ...[
        "fuse",
        "average",
        ...files,
        "--weights",
        "3,1",
        "--eval",
        DATA,
        "--torch",
        "-o",
        "out/avg.safetensors",
      ],
    );
    expect(avg).toMatchObject({
      file: join("out", "avg.safetensors"),
      method: "average",
      ...numbers(rowAvg),
    });
    expect(avg.inputs).toMatchObject([
      { file: "a.safetensors", ...numbers(rowA) },
      { file: "b.safetensors", ...numbers(rowB) },
    ]);
    expect(await json("eval", "out/avg.safetensors", "--dataset", DATA)).toMatchObject(numbers(rowAvg));

    const mpf = await json(
      "fuse",
      "curve",
      ...files,
      "--eval",
      DATA,
      "--set",
      "training.epochs=1",
      "-o",
      "mpf.safetensors",
    );
    expect(mpf).toMatchObject({ extra: "mpf.curve.safetensors", ...numbers(rowMpf) });
    const { sets, details } = decodeParameterSets(
      await readFile(join(project.dir, "mpf.curve.safetensors")),
      "curve",
    );
    expect(Object.keys(sets)).toEqual(["point0", "point1", "point2"]);
    expect(details).toMatchObject({ family: "bezier" });

    const shown = await json("inspect", "mpf.safetensors");
    expect(shown).toMatchObject({
      file: "mpf.safetensors",
      format: "isthmus",
      architecture: "mlp",
      provenance: {
        kind: "fuse",
        options: { method: "curve" },
        inputs: files.map((file) => join(project.dir, file)),
        metrics: { "test/accuracy": (rowMpf?.accuracy.mean ?? 0) / 100 },
      },
    });
    const { stdout } = await project.isthmus("inspect", "out/avg.safetensors");
    expect(stdout).toMatch(/│ layers\.0\.kernel │ 784 × 8 │ weight │ +6,272 │/);
    const journals = await readdir(join(project.dir, ".isthmus/journal"));
    expect(journals.length).toBeGreaterThanOrEqual(5);
  }, 120_000);

  it.each<[string, readonly string[], string, RegExp]>([
    [
      "a missing file",
      ["eval", "no.safetensors", "--dataset", DATA],
      "checkpoint/not-found",
      /no\.safetensors/,
    ],
    ["a folder", ["inspect", "folder"], "checkpoint/unreadable", /folder is a folder/],
    ["an empty file", ["inspect", "empty.pt"], "checkpoint/unreadable", /empty\.pt is empty/],
    ["a damaged file", ["inspect", "torn.safetensors"], "checkpoint/malformed", /torn\.safetensors/],
    ["other data", ["eval", "a.safetensors", "--dataset", "other"], "plugin/unknown-name", /other/],
    ["an unknown method", ["fuse", "avrage", "a.safetensors", "-o", "x"], "plugin/unknown-name", /"average"/],
    [
      "an unknown option of the method",
      ["fuse", "curve", "a.safetensors", "b.safetensors", "--data", DATA, "--set", "bendz=4", "-o", "x"],
      "recipe/invalid",
      /--set bendz=4: unknown key "bendz"\. Did you mean "bends"/,
    ],
    [
      "a method without the images that it needs",
      ["fuse", "curve", "a.safetensors", "b.safetensors", "-o", "x"],
      "cli/needs-data",
      /--eval/,
    ],
    [
      "an input as output",
      ["fuse", "average", "a.safetensors", "b.safetensors", "-o", "b.safetensors"],
      "cli/out-is-input",
      /b\.safetensors/,
    ],
    [
      "a folder as output",
      ["train", "--dataset", DATA, "--arch", "mlp", "-o", "folder"],
      "cli/out-unwritable",
      /is a folder/,
    ],
    [
      "an unknown option of the architecture",
      ["train", "--dataset", DATA, "--arch", "mlp {hiden: [8]}", "-o", "x"],
      "recipe/invalid",
      /--arch mlp \{hiden: \[8\]\}: unknown key "hiden"\. Did you mean "hidden"/,
    ],
  ])(
    "refuse %s with exit code 2 before anything is computed, and write nothing",
    async (_, args, code, text) => {
      await mkdir(join(project.dir, "folder"), { recursive: true });
      await writeFile(join(project.dir, "empty.pt"), "");
      const whole = await readFile(join(project.dir, "a.safetensors"));
      await writeFile(join(project.dir, "torn.safetensors"), whole.subarray(0, whole.length - 8));
      const ended = await inProcess(args);
      expect(ended).toMatchObject({ code: 2, stdout: "" });
      expect(ended.stderr).toContain(`code: ${code}`);
      expect(ended.stderr).toMatch(text);
      expect(await readdir(project.dir)).not.toContain("x");
      expect(await readFile(join(project.dir, "a.safetensors"))).toEqual(whole);
    },
  );
});
