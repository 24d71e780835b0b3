import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliProject, cliProject } from "../test/cli-project.js";

const recipe = `name: tiny
experiment: fusion
seeds: [0, 1]
dataset: { name: digits, options: { train: 200, test: 50 } }
partition: { method: special-class }
model: { architecture: mlp, options: { hidden: [8] } }
training: { epochs: 2, optimizer: { kind: sgd, learningRate: 0.1 } }
train:
  a: { part: a }
  b: { part: b }
fuse:
  avg: { method: average, of: [a, b] }
  ot: { method: ot, of: [a, b] }
`;

let project: CliProject;
beforeAll(async () => {
  project = await cliProject("models", "datasets", "fusion-avg", "fusion-ot");
  await project.write("tiny.yaml", recipe);
});
afterAll(() => project.remove());

const journals = () => readdir(join(project.dir, ".isthmus/journal"));
const result = (name: string) => readFile(join(project.dir, "out", name), "utf8");

describe("isthmus run", () => {
  it("computes once: a second start gives the same files, computes nothing and begins no run", async () => {
    const first = await project.isthmus("run", "tiny.yaml", "--out", "out", "--json");
    expect(first.stderr).not.toContain("error:");
    expect(first.code).toBe(0);
    const document = JSON.parse(first.stdout);
    expect(document).toMatchObject({
      recipe: "tiny",
      seeds: [0, 1],
      choices: {},
      steps: { total: 16, computed: 16, reused: 0 },
    });
    const rows: { model: string; accuracy: { mean: number; std: number; values: number[] } }[] =
      document.rows;
    expect(rows.map(({ model }) => model)).toEqual(["a", "b", "avg", "ot"]);
    for (const { accuracy } of rows) {
      const [x, y] = accuracy.values as [number, number];
      expect(accuracy.mean).toBeCloseTo((x + y) / 2, 10);
      expect(accuracy.std).toBeCloseTo(Math.abs(x - y) / 2, 10);
    }
    const names = await readdir(join(project.dir, "out"));
    const wanted = ["accuracy.png", "accuracy.svg", "report.html", "results.csv", "results.json", "table.md"];
    expect(names).toEqual(expect.arrayContaining(wanted));
    expect(names.filter((name) => /^fuse-ot-seed-[01].*\.svg$/.test(name))).toHaveLength(2);

    const files = async () => Promise.all(names.map((name) => result(name)));
    const [before, runs] = [await files(), await journals()];
    const second = await project.isthmus("run", "tiny.yaml", "--out", "out", "--json");
    const { steps, seconds, ...again } = JSON.parse(second.stdout);
    expect(steps).toEqual({ total: 16, computed: 0, reused: 16 });
    expect(seconds).toBeGreaterThan(0);
    expect(again).toEqual(JSON.parse(await result("results.json")));
    expect(await files()).toEqual(before);
    expect(await journals()).toEqual(runs);
  });

  it("takes seeds and settings from the command line, prints a table, and computes only what is new", async () => {
    const args = ["run", "tiny.yaml", "--seeds", "1..2", "--set", "fuse.avg.weights=[3, 1]"];
    const { code, stdout, stderr } = await project.isthmus(...args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/│ avg +│ +\d+\.\d\d ± \d+\.\d\d │/);
    expect(stderr).toContain("train a seed=1: reused");
    expect(stderr).not.toContain("fuse avg seed=1: reused");
    expect(stderr).toMatch(/train a seed=2: \d+\.\d s/);
    const [, folder = ""] = /Results: (.*tiny-[0-9a-f]{4})$/m.exec(stderr) ?? [];
    await access(join(folder, "report.html"));
    expect(await readFile(join(folder, "table.md"), "utf8")).toContain("With fuse.avg.weights=[3, 1].");
  });

  it("goes on without its tracking server, and says how to send later", async () => {
    const uri = "http://127.0.0.1:9";
    const running = project.start(["run", "tiny.yaml", "--seeds", "7", "--tracking-uri", uri, "--json"]);
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout).seeds).toEqual([7]);
    expect(stderr).toContain("isthmus sync");
  });

  it("keeps results clean of what plugins print, and fails with 1 where a step fails", async () => {
    await project.write(
      "chatty/package.json",
      JSON.stringify({
        name: "chatty",
        version: "1.0.0",
        type: "module",
        exports: "./index.js",
        isthmus: { apiVersion: 1, provides: { fusion: { chatty: "./index.js" } } },
      }),
    );
    await project.write(
      "chatty/index.js",
      `const chatty = {
        meta: { name: "chatty", title: "", description: "", needs: ["weights"], laws: { identity: "none" } },
        options: {
          safeParse: (input) => ({ success: true, data: { fail: false, ...input } }),
          jsonSchema: { type: "object" },
        },
        fuse: async ([first], { fail }) => {
          console.log("I print to stdout");
          if (fail) throw new RangeError("it broke");
          return { model: first.model, params: first.params };
        },
      };
      export default { name: "chatty", version: "1.0.0", setup: (r) => r.add("fusion", "chatty", () => chatty) };`,
    );
    const plugins = ["models", "datasets", "fusion-avg", "fusion-ot"].map((name) => `@isthmus/${name}`);
    await project.write("isthmus.config.json", JSON.stringify({ plugins: [...plugins, "./chatty"] }));
    await project.write("chatty.yaml", recipe.replace("method: ot,", "method: chatty,"));
    const fine = await project.isthmus("run", "chatty.yaml", "--seeds", "0", "--json");
    expect(JSON.parse(fine.stdout).rows).toHaveLength(4);
    expect(fine.stderr).toContain("I print to stdout");
    const broken = await project.isthmus(
      "run",
      "chatty.yaml",
      "--set",
      "fuse.ot.options={fail: true}",
      "--json",
    );
    expect(broken).toMatchObject({ code: 1, stdout: "" });
    expect(broken.stderr).toMatch(/error: Step "fuse ot seed=[01]" .*it broke/);
    expect(broken.stderr).not.toContain("    at ");
    const debugged = await project.isthmus(
      "run",
      "chatty.yaml",
      "--set",
      "fuse.ot.options={fail: true}",
      "--debug",
    );
    expect(debugged.stderr).toMatch(/caused by: RangeError: it broke\n +at /);
  });
});

describe("a wrong request ends with 2 and says", () => {
  const refused = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await project.isthmus(...args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    return stderr;
  };

  it("where a recipe is wrong: file, line and column", async () => {
    await project.write("bad.yaml", recipe.replace("method: average", "method: averge"));
    const text = await refused("run", "bad.yaml");
    expect(text).toMatch(/bad\.yaml:12:\d+: /);
    expect(text).toContain('"average"');
  });

  it("that there is no such recipe", async () => {
    expect(await refused("run", "nowhere.yaml")).toContain("nowhere.yaml");
  });

  it("which option, seeds, setting or backend it does not know", async () => {
    expect(await refused("run", "tiny.yaml", "--sed", "1")).toMatch(/unknown option '--sed'/);
    expect(await refused("run", "tiny.yaml", "--seeds", "4..1")).toContain("4..1");
    expect(await refused("run", "tiny.yaml", "--set", "modle.architecture=mlp")).toContain('"model"');
    expect(await refused("run", "tiny.yaml", "--backend", "wsm")).toContain('"wasm"');
    expect(await refused("rnu")).toContain("run");
  });
});

describe("other commands", () => {
  it("plugins lists what each provides, and why a broken one is broken", async () => {
    await project.write("broken/package.json", '{ "name": "broken", "version": "1.0.0" }');
    const config = { plugins: ["@isthmus/datasets", "./broken", "not-installed"] };
    await project.write("isthmus.config.json", JSON.stringify(config));
    const { code, stdout } = await project.isthmus("plugins", "--json");
    expect(code).toBe(0);
    const { plugins } = JSON.parse(stdout) as { plugins: { name: string; problem?: { code: string } }[] };
    const problems = Object.fromEntries(plugins.map(({ name, problem }) => [name, problem?.code]));
    expect(problems).toEqual({
      "@isthmus/core": undefined,
      "@isthmus/datasets": undefined,
      broken: "plugin/manifest-invalid",
      "not-installed": "plugin/not-found",
    });
    const text = await project.isthmus("plugins");
    expect(text.stdout).toContain("data set: digits, mnist");
    expect(text.stdout).toContain("npm install not-installed");
  });

  it("data list says what is here, data get checks a folder's files", async () => {
    const { stdout } = await project.isthmus("data", "list");
    expect(stdout).toMatch(/digits .*\n +made on the spot/);
    expect(stdout).toMatch(/mnist .*\n +source: http.*\n +not here\n +get it: isthmus data get mnist/);
    await project.write("files/train-images-idx3-ubyte", "nonsense");
    const damaged = await project.isthmus("data", "list", "--data-dir", "files");
    expect(damaged.stdout).toMatch(/mnist .*\n.*\n +damaged: .*train-images/);
    const { code, stderr } = await project.isthmus("data", "get", "mnist", "--data-dir", "files");
    expect(code).toBe(1);
    expect(stderr).toContain("train-images-idx3-ubyte");
    const got = await project.isthmus("data", "get", "digits");
    expect(got.stdout).toContain("15000 training and 3000 test images of 28 × 28 × 1, 10 classes");
  });

  it("doctor tells every problem with a fix; a missing plugin is no reason to fail", async () => {
    const { code, stdout } = await project.isthmus("doctor", "--json");
    expect(code).toBe(0);
    const { ok, checks } = JSON.parse(stdout) as {
      ok: boolean;
      checks: { name: string; status: string; fix?: string }[];
    };
    expect(ok).toBe(true);
    const of = (name: string) => checks.find((check) => check.name === name);
    expect(of("backend cpu")?.status).toBe("ok");
    expect(of("data mnist")).toMatchObject({ status: "warning", fix: "isthmus data get mnist" });
    expect(of("plugin not-installed")).toMatchObject({
      status: "warning",
      fix: expect.stringContaining("npm"),
    });
    for (const { status, fix } of checks) if (status === "warning") expect(fix).toBeTruthy();
  });

  it("a command started elsewhere hands over to the one that the project has installed", async () => {
    const own = await cliProject();
    const folder = "node_modules/@isthmus/cli";
    await own.write(
      `${folder}/package.json`,
      JSON.stringify({
        name: "@isthmus/cli",
        version: "9.9.9",
        type: "module",
        bin: { isthmus: "./own.js" },
      }),
    );
    await own.write(`${folder}/own.js`, 'console.log("own", ...process.argv.slice(2));');
    expect(await own.isthmus("run", "x.yaml")).toMatchObject({ code: 0, stdout: "own run x.yaml\n" });
    await own.remove();
  });
});
