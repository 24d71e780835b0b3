import { access, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { enginePlatform } from "@isthmus/core/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CliProject, cliProject, until } from "../../test/cli-project.js";
import { type FakeTools, fakeTools } from "./testing/fake-tools.js";

let project: CliProject;
let tools: FakeTools;
beforeEach(async () => {
  [project, tools] = await Promise.all([cliProject(), fakeTools()]);
});
afterEach(async () => {
  await Promise.all([project.remove(), tools.clean()]);
});

const environment = () => ({
  PATH: tools.env.PATH as string,
  ISTHMUS_CACHE_DIR: tools.cache,
});
const isthmus = (...args: readonly string[]) => project.start(args, environment()).ended;
const engines = () => readdir(join(tools.cache, "engines")).catch(() => []);

describe("isthmus engine", () => {
  it("a backend whose library takes its process down is one that does not work; the command goes on", async () => {
    await writeFile(
      join(project.dir, "crash.cjs"),
      `if (process.argv[1]?.endsWith("measure-process.js")) process.kill(process.pid, "SIGSEGV");`,
    );
    const env = { ...environment(), NODE_OPTIONS: `--require=${join(project.dir, "crash.cjs")}` };
    const { code, stdout, stderr } = await project.start(["engine", "--json"], env).ended;
    expect(code).toBe(1);
    const { backends, auto, cache } = JSON.parse(stdout);
    expect(backends.map(({ name }: { name: string }) => name)).toEqual([
      "gpu",
      "blas",
      "node",
      "wasm",
      "cpu",
    ]);
    for (const { problem } of backends) expect(problem).toBe("crashed (SIGSEGV)");
    expect(auto).toBeUndefined();
    expect(cache).toBe(tools.cache);
    expect(stderr).toContain("Measuring wasm…");
  });

  it("refuses what it does not know with exit code 2", async () => {
    expect((await isthmus("engine", "install", "cuda")).code).toBe(2);
    expect((await isthmus("engine", "--threads", "0")).code).toBe(2);
  });
});

describe.skipIf(enginePlatform() !== "linux-x64")("isthmus engine install", () => {
  it("--dry-run names every command, size and folder, says what is missing, and does nothing", async () => {
    await tools.remove("c++");
    const { code, stdout } = await isthmus("engine", "install", "node", "--dry-run");
    expect(code).toBe(0);
    expect(stdout).toContain("-m pip download");
    expect(stdout).toContain("tensorflow-cpu==2.13.1   # 187 MB");
    expect(stdout).toContain("--ignore-scripts");
    expect(stdout).toContain("-o lib/napi-v8/tfjs_binding.node");
    expect(stdout).toContain(join(tools.cache, "engines/node/4.22.0-tf2.13.1-linux-x64"));
    expect(stdout).toContain("It would stop before that: There is no C++ compiler here.");
    expect(await engines()).toEqual([]);
    expect((await tools.calls()).some((call) => call.includes("download"))).toBe(false);
  });

  it("a file that is not the pinned one ends it with exit code 1, with what to do, and stdout stays empty", async () => {
    await tools.wheel("scipy-openblas32", "0.3.34.481.3", {
      "scipy_openblas32/lib/libscipy_openblas.so": "",
    });
    const { code, stdout, stderr } = await isthmus("engine", "install", "blas");
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("code: engine/checksum");
    expect(stderr).toContain("pip cache purge");
    expect(await engines()).toEqual([]);
  });

  it("Ctrl-C in the middle ends it with exit code 130 and leaves nothing", async () => {
    await tools.pip("hang");
    const running = project.start(["engine", "install", "blas"], environment());
    await until(async () =>
      (await tools.calls()).some((call) => call.includes("download")) ? true : undefined,
    );
    running.kill("SIGINT");
    const { code, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr).toContain("The installation was stopped. Nothing of it is left.");
    expect(await engines()).toEqual([]);
  });

  it("--remove of what is not there is no error", async () => {
    const { code, stdout } = await isthmus("engine", "install", "node", "--remove");
    expect(code).toBe(0);
    expect(stdout).toBe("The backend node is not installed.\n");
  });

  it("an engine for GPUs is not downloaded where there is no NVIDIA driver; its plan can be seen", async () => {
    const driver = await access("/proc/driver/nvidia/version").then(
      () => true,
      () => false,
    );
    if (driver) return;
    const { code, stderr } = await isthmus("engine", "install", "gpu");
    expect(code).toBe(1);
    expect(stderr).toContain("code: engine/no-gpu");
    const { stdout } = await isthmus("engine", "install", "gpu", "--dry-run");
    expect(stdout).toContain("nvidia-cublas-cu12==");
    expect((await tools.calls()).some((call) => call.includes("download"))).toBe(false);
  });
});
