import { access, mkdir, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { enginePlatform, findInstalled } from "@isthmus/core/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { blasInstallation } from "./install-blas.js";
import { type InstallOutcome, installEngine, removeEngine } from "./install-engine.js";
import { tensorflowInstallation } from "./install-tensorflow.js";
import type { Installation, Work } from "./installation.js";
import type { Probe } from "./probe-backend.js";
import { breakCompiler, type FakeTools, fakeTools } from "./testing/fake-tools.js";

const here = enginePlatform();
let tools: FakeTools;
let lines: string[];

beforeEach(async () => {
  tools = await fakeTools();
  lines = [];
});
afterEach(() => tools.clean());

/** A probe that finds what lies in the cache that the child would see, as core does. */
const findsWhatIsThere: Work["probe"] = async ({ backend }, { env }): Promise<Probe> => {
  const found = await findInstalled(backend as "blas", env.ISTHMUS_CACHE_DIR);
  if (found === undefined) return { problem: "not installed" };
  return { measured: { threads: 1, details: found.entry, gflops: 1, stepsPerSecond: 100 } };
};

const work = (probe: Work["probe"] = findsWhatIsThere, signal?: AbortSignal): Work => ({
  env: tools.env,
  ...(signal && { signal }),
  probe,
  progress: { line: (text) => void lines.push(text), growing: (_folder, _bytes, doIt) => doIt() },
});

async function blas(content = "library"): Promise<Installation> {
  const wheel = await tools.wheel("scipy-openblas32", "1.2", {
    "scipy_openblas32/lib/libscipy_openblas.so": content,
    "scipy_openblas32/include/cblas.h": "not needed",
    "scipy_openblas32-1.2.dist-info/licenses/LICENSE.txt": "license",
  });
  return blasInstallation(here, { [here]: wheel });
}

const install = (installation: Installation, with_ = work()): Promise<InstallOutcome> =>
  installEngine(installation, with_);

const downloads = async () => (await tools.calls()).filter((call) => call.includes("download")).length;

/** Everything in the cache, folders that are built in included. */
const inCache = async () =>
  (await readdir(join(tools.cache, "engines"), { recursive: true }).catch(() => [])).sort();

describe.skipIf(process.platform === "win32")("installing OpenBLAS", () => {
  it("takes the library and its license out of the wheel, tries it where it was built, and leaves nothing else", async () => {
    const outcome = await install(await blas());
    const folder = join(tools.cache, "engines/blas", `1.2-${here}`);
    expect(outcome).toMatchObject({ kind: "installed", folder, measured: { stepsPerSecond: 100 } });
    expect((outcome as { measured: { details: string } }).measured.details).toMatch(
      /engines\/\.building-.*\/libscipy_openblas\.so$/,
    );
    const files = (await inCache()).filter((path) => /\.\w+$/.test(path) && !path.endsWith("dist-info"));
    expect(files.map((path) => path.replace(`blas/1.2-${here}/`, ""))).toEqual([
      "engine.json",
      "scipy_openblas32-1.2.dist-info/licenses/LICENSE.txt",
      "scipy_openblas32/lib/libscipy_openblas.so",
    ]);
    expect((await findInstalled("blas", tools.cache))?.entry).toBe(
      join(folder, "scipy_openblas32/lib/libscipy_openblas.so"),
    );
  });

  it("does nothing the second time, and starts again where a file is not as it was installed", async () => {
    const first = await install(await blas());
    expect(await install(await blas())).toEqual({
      kind: "present",
      folder: (first as { folder: string }).folder,
    });
    expect(await downloads()).toBe(1);
    const library = (await findInstalled("blas", tools.cache))?.entry as string;
    await writeFile(library, "LIBRARY"); // of the same length
    expect(await install(await blas())).toMatchObject({ kind: "installed" });
    expect(await readFile(library, "utf8")).toBe("library");
    expect(lines.join("\n")).toContain("is not as it was installed");
    expect(await inCache()).not.toContainEqual(expect.stringContaining(".building"));
  });

  it("refuses a file with another checksum, saying which, and keeps what was there before", async () => {
    await install(await blas());
    const expected = await blas("another library");
    await blas("not what was asked for"); // now pip serves this one
    const newer = { ...expected, version: "1.3" };
    await expect(install(newer)).rejects.toMatchObject({
      code: "engine/checksum",
      message: expect.stringMatching(/scipy-openblas32 1\.2 .*[0-9a-f]{64}, not [0-9a-f]{64}/),
    });
    expect((await findInstalled("blas", tools.cache))?.manifest.version).toBe("1.2");
    expect(await readdir(join(tools.cache, "engines"))).toEqual(["blas"]);
  });

  it("says what pip said when it fails, and that the disk is full when that is why", async () => {
    const installation = await blas();
    await tools.pip("fail");
    await expect(install(installation)).rejects.toMatchObject({
      code: "engine/download-failed",
      message: "pip could not download scipy-openblas32 1.2: No matching distribution found",
    });
    await tools.pip("disk-full");
    await expect(install(installation)).rejects.toMatchObject({ code: "engine/disk-full" });
    expect(await inCache()).toEqual([]);
  });

  it("looks for room, for Python and for pip before it downloads anything", async () => {
    const installation = await blas();
    await expect(install({ ...installation, room: 2 ** 60 })).rejects.toMatchObject({
      code: "engine/disk-full",
      message: expect.stringMatching(/has \d+ MB free; this takes \d+ MB/),
    });
    await tools.remove("python3");
    await expect(install(installation)).rejects.toMatchObject({
      code: "engine/tool-missing",
      message: "There is no Python here.",
    });
    expect(await downloads()).toBe(0);
    expect(await inCache()).toEqual([]);
  });

  it("keeps nothing that fails its trial, or that another library than this one passed", async () => {
    const crashes: Work["probe"] = async () => ({ problem: "crashed (SIGSEGV)" });
    await expect(install(await blas(), work(crashes))).rejects.toMatchObject({
      code: "engine/does-not-work",
      message: expect.stringContaining("crashed (SIGSEGV)"),
    });
    const another: Work["probe"] = async () => ({
      measured: { threads: 1, details: "/usr/lib/libopenblas.so", gflops: 1, stepsPerSecond: 1 },
    });
    await expect(install(await blas(), work(another))).rejects.toMatchObject({
      code: "engine/does-not-work",
      message: expect.stringContaining("/usr/lib/libopenblas.so"),
    });
    expect(await inCache()).toEqual([]);
  });

  it("stops in the middle of a download and leaves nothing", async () => {
    await tools.pip("hang");
    const controller = new AbortController();
    const installing = install(await blas(), work(findsWhatIsThere, controller.signal));
    installing.catch(() => {});
    while (!(await inCache()).some((path) => path.endsWith("/part")))
      await new Promise((done) => setTimeout(done, 20));
    controller.abort();
    await expect(installing).rejects.toMatchObject({ name: "AbortError" });
    expect(await inCache()).toEqual([]);
  });

  it("removes what an installation that was killed has left, and not what another one is building", async () => {
    const dead = join(tools.cache, "engines/.building-999999999-abc/engines/blas");
    const alive = join(tools.cache, `engines/.building-${process.pid}-abc`);
    await mkdir(dead, { recursive: true });
    await mkdir(alive, { recursive: true });
    await install(await blas());
    expect((await readdir(join(tools.cache, "engines"))).sort()).toEqual([
      `.building-${process.pid}-abc`,
      "blas",
    ]);
  });

  it("says which folder can't be written", async () => {
    await writeFile(tools.cache, "a file in the place of the cache");
    await expect(install(await blas())).rejects.toMatchObject({
      code: "engine/cache-unwritable",
      message: expect.stringContaining(tools.cache),
    });
  });

  it("is gone once it is removed; removing it again is no error", async () => {
    await install(await blas());
    expect((await removeEngine("blas", tools.env))?.manifest.version).toBe("1.2");
    expect(await findInstalled("blas", tools.cache)).toBeUndefined();
    expect(await inCache()).toEqual([]);
    expect(await removeEngine("blas", tools.env)).toBeUndefined();
  });

  it("is refused where there is no build, with what works there", () => {
    expect(() => blasInstallation("aix-ppc64")).toThrow(
      expect.objectContaining({ code: "engine/platform", hint: expect.stringContaining("BLAS_LIBRARY") }),
    );
  });
});

describe.skipIf(here !== "linux-x64")("putting tfjs-node together", () => {
  const HOME = "node_modules/@tensorflow/tfjs-node";

  async function node(): Promise<Installation> {
    const tensorflow = await tools.wheel("tensorflow-cpu", "2.0", {
      "tensorflow/libtensorflow_cc.so.2": "cc",
      "tensorflow/libtensorflow_framework.so.2": "framework",
      "tensorflow/include/tensorflow/c/c_api.h": "header",
      "tensorflow/python/much_else.py": "not needed",
    });
    const flavor = { npm: "@tensorflow/tfjs-node", tensorflow, cuda: [], unpacked: 1000 };
    return tensorflowInstallation("node", here, flavor);
  }

  it("installs the package without its script, links the libraries and compiles the addon against them", async () => {
    const outcome = await install(await node());
    expect(outcome.kind).toBe("installed");
    const { folder } = outcome as { folder: string };
    const lib = join(folder, HOME, "deps/lib");
    expect(await readlink(join(lib, "libtensorflow.so"))).toBe("libtensorflow_cc.so.2");
    expect(await readFile(join(lib, "libtensorflow.so.2"), "utf8")).toBe("cc");
    expect(await readFile(join(lib, "libtensorflow_framework.so"), "utf8")).toBe("framework");
    expect(await readFile(join(folder, HOME, "lib/napi-v8/tfjs_binding.node"), "utf8")).toBe("addon");
    await expect(access(join(folder, HOME, "dist/index.js.map"))).rejects.toThrow();
    const npm = (await tools.calls()).find(([name, first]) => name === "npm" && first === "install");
    expect(npm).toContain("--ignore-scripts");
    expect((await findInstalled("node", tools.cache))?.entry).toBe(join(folder, HOME, "dist/index.js"));
    expect(await install(await node())).toEqual({ kind: "present", folder });
  });

  it("leaves a machine alone where the project's own package works", async () => {
    const works: Work["probe"] = async () => ({
      measured: { threads: 1, library: "libtensorflow 2.9.1", gflops: 1, stepsPerSecond: 1 },
    });
    expect(await install(await node(), work(works))).toMatchObject({
      kind: "own",
      measured: { library: "libtensorflow 2.9.1" },
    });
    expect(await tools.calls()).toEqual([]);
  });

  it("needs a compiler and npm, before it downloads anything", async () => {
    const installation = await node();
    await tools.remove("c++");
    await expect(install(installation)).rejects.toMatchObject({
      code: "engine/tool-missing",
      message: "There is no C++ compiler here.",
    });
    await tools.remove("npm");
    await expect(installation.check({ env: tools.env })).rejects.toMatchObject({
      code: "engine/tool-missing",
    });
    expect(await downloads()).toBe(0);
  });

  it("says what the compiler said, and leaves nothing", async () => {
    await breakCompiler(tools);
    await expect(install(await node())).rejects.toMatchObject({
      code: "engine/compile-failed",
      message: expect.stringContaining("tfjs_backend.cc:1: error: no such header"),
    });
    expect(await inCache()).toEqual([]);
  });

  it("is refused on other platforms, with what works there", () => {
    expect(() => tensorflowInstallation("node", "darwin-arm64")).toThrow(
      expect.objectContaining({
        code: "engine/platform",
        hint: expect.stringContaining("npm install @tensorflow/tfjs-node@4.22.0"),
      }),
    );
  });
});
