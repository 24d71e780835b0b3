import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useBackend } from "./engine.js";
import type { EngineManifest } from "./installed-engine.js";
import { cacheDir, ENGINE_MANIFEST, engineDir, enginePlatform, findInstalled } from "./installed-node.js";

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "isthmus-installed-"));
  vi.stubEnv("ISTHMUS_CACHE_DIR", cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

/** Puts an engine into the cache that consists of one file. */
async function put(
  folder: string,
  { content = "", ...manifest }: Partial<EngineManifest> & { readonly content?: string },
): Promise<string> {
  const whole: EngineManifest = {
    format: 1,
    engine: "node",
    version: "1.0",
    platform: enginePlatform(),
    entry: "lib/main.cjs",
    files: [],
    ...manifest,
  };
  const target = join(engineDir(whole.engine), folder);
  await mkdir(dirname(join(target, whole.entry)), { recursive: true });
  await writeFile(join(target, whole.entry), content);
  await writeFile(join(target, ENGINE_MANIFEST), JSON.stringify(whole));
  return target;
}

it("what is kept lies in ISTHMUS_CACHE_DIR, else in the platform's cache folder", () => {
  expect(cacheDir()).toBe(cache);
  expect(engineDir("blas")).toBe(join(cache, "engines", "blas"));
  const usual = cacheDir({});
  expect(usual).not.toBe(cache);
  expect(usual).toContain("isthmus");
});

it("the newest version counts, by number and not by letter", async () => {
  await put("1.9.0", { version: "1.9.0" });
  const newest = await put("1.10.0", { version: "1.10.0" });
  expect(await findInstalled("node")).toMatchObject({
    folder: newest,
    entry: join(newest, "lib/main.cjs"),
    manifest: { version: "1.10.0" },
  });
  expect(await findInstalled("blas")).toBeUndefined();
});

it("an engine of another platform, of a later format, damaged or unfinished is none", async () => {
  await put("1", { platform: "plan9-vax" });
  await put("2", { format: 2 as 1 });
  const damaged = await put("3", {});
  await writeFile(join(damaged, ENGINE_MANIFEST), '{"format": 1, "eng');
  const unfinished = await put("4", {});
  await rm(join(unfinished, ENGINE_MANIFEST));
  await writeFile(join(engineDir("node"), "5"), "no folder");
  expect(await findInstalled("node")).toBeUndefined();
});

it("a backend is taken from the cache where the project has no package for it, and says which library it is", async () => {
  const before = await useBackend("node").catch(() => undefined);
  if (before !== undefined) return; // the project's own package works here and goes first
  const folder = await put("2.0", {
    content: `
      const engine = globalThis._tfengine;
      const backend = { binding: { TF_Version: "9.8.7" }, dispose() {}, floatPrecision: () => 32 };
      engine.registerBackend("tensorflow", () => backend, 0);
    `,
  });
  expect(await useBackend("node")).toMatchObject({
    backend: "node",
    library: "libtensorflow 9.8.7",
    details: folder,
    version: expect.stringMatching(/^tfjs [\d.]+, libtensorflow 9\.8\.7$/),
  });
});
