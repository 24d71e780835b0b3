import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeCheckpoint, encodeParameterSets, initialize, Rng } from "@isthmus/core";
import { openHost } from "@isthmus/core/node";
import pc from "picocolors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliProject, cliProject } from "../../test/cli-project.js";
import { landscapeTable } from "./landscape-table.js";
import { namedFile } from "./read-networks.js";

describe("a network on the command line", () => {
  it.each([
    ["runs/a.safetensors", "a"],
    ["runs/mpf.curve.safetensors", "mpf"],
    ["x=runs/a.pt", "x"],
    ["./runs/lr=0.1/a.pth", "a"],
  ])("%s is called %s", (text, name) => {
    expect(namedFile(text).name).toBe(name);
  });
});

describe("what is printed", () => {
  it("has a row for each pair, and units", () => {
    const details = { names: ["a", "b"], pairs: [{ of: ["a", "b"], test_loss: 1.23456, test_error: 0 }] };
    const text = landscapeTable(
      {
        kind: "barrier",
        dataset: "toy",
        backend: "cpu",
        networks: ["a", "b"],
        options: {},
        summary: {},
        details,
        arrays: {},
      },
      pc.createColors(false),
    );
    expect(text).toMatch(/test loss \(nats\) .*test error \(%\)/);
    expect(text).toMatch(/a – b .* 1\.235 .* 0 /);
  });
});

describe("isthmus plane, path and barrier", () => {
  let project: CliProject;
  const data = ["--dataset", "digits {train: 60, test: 30}", "--backend", "cpu"];
  beforeAll(async () => {
    project = await cliProject("models", "datasets", "fusion-curve");
    const host = await openHost(project.dir);
    const mlp = await host.resolve("architecture", "mlp");
    const build = async (hidden: readonly number[]) =>
      mlp.build(await host.checkOptions("architecture", "mlp", { hidden }), {
        inputShape: [28, 28, 1],
        classes: 10,
      });
    const model = await build([6]);
    const weights = (name: string, of = model) => initialize(of, Rng.seed(0).fork(name));
    await mkdir(join(project.dir, "nets"));
    const write = (name: string, bytes: Uint8Array) => writeFile(join(project.dir, "nets", name), bytes);
    for (const name of ["a", "b", "c"]) {
      await write(
        `${name}.safetensors`,
        encodeCheckpoint({ spec: model.spec, params: weights(name) }, { by: "test" }),
      );
    }
    const other = await build([5]);
    await write(
      "other.safetensors",
      encodeCheckpoint({ spec: other.spec, params: weights("o", other) }, { by: "test" }),
    );
    const sets = { point0: weights("a"), point1: weights("c"), point2: weights("b") };
    const details = { family: "bezier", at: 0.5, points: 3 };
    await write(
      "mpf.curve.safetensors",
      encodeParameterSets({ spec: model.spec, sets, details, provenance: {} }),
    );
  });
  afterAll(() => project.remove());
  const net = (name: string) => `nets/${name}.safetensors`;

  it("draws a plane with a curve: numbers in every form, and JSON alone on stdout", async () => {
    const { code, stdout } = await project.isthmus(
      "plane",
      net("a"),
      net("b"),
      ...["--curve", net("mpf.curve"), "--mark", `third=${net("c")}`, "--steps", "4", "-o", "out", "--json"],
      ...data,
    );
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    const names = document.details.marks.map(({ name }: { name: string }) => name);
    expect(names).toEqual(["a", "b", "bend", "mpf", "third"]);
    expect(document.arrays.test_error).toHaveLength(4);
    expect(document.arrays.test_error[3]).toHaveLength(4);
    expect((await readdir(join(project.dir, "out"))).toSorted()).toEqual([
      "plane-test-error.png",
      "plane-test-error.svg",
      "plane-train-loss.png",
      "plane-train-loss.svg",
      "plane.json",
      "plane.npz",
      "report.html",
    ]);
    expect(JSON.parse(await readFile(join(project.dir, "out/plane.json"), "utf8"))).toEqual(document);
  });

  it("measures paths and barriers, which agree on the line between two networks", async () => {
    const shared = [...data, "--points", "5", "--split", "test", "--json"];
    const path = JSON.parse((await project.isthmus("path", net("a"), net("b"), ...shared)).stdout);
    const barrier = JSON.parse((await project.isthmus("barrier", net("a"), net("b"), ...shared)).stdout);
    const height = path.summary["line/test_loss_barrier"];
    expect(barrier.details.pairs[0].test_loss).toBeCloseTo(height, 5);
    expect(path.arrays["line/test_loss"]).toHaveLength(5);
  });

  it.each([
    [["plane", net("a"), net("a"), net("b")], "cli/same-name"],
    [["plane", net("a"), `again=${net("a")}`, net("b")], "landscape/no-plane"],
    [["plane", net("a"), net("b")], "landscape/networks"],
    [["path", net("a"), net("other")], "params/mismatch"],
    [["barrier", net("a"), net("missing")], "checkpoint/not-found"],
    [["path", net("a"), net("b"), "--dataset", "nothing"], "plugin/unknown-name"],
  ])("%j ends with %s", async (args, code) => {
    const given = args.includes("--dataset") ? ["--backend", "cpu"] : data;
    const { stderr, stdout, code: exit } = await project.isthmus(...args, ...given);
    expect(stderr).toContain(code);
    expect(stdout).toBe("");
    expect(exit).toBe(code === "params/mismatch" ? 1 : 2);
  });
});
