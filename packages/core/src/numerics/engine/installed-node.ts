import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import envPaths from "env-paths";
import type {
  EngineManifest,
  InstallableEngine,
  InstalledEngine,
  InstalledEngines,
} from "./installed-engine.js";

/** Name of the file that says what lies in an engine's folder. */
export const ENGINE_MANIFEST = "engine.json";

/** Folder of everything that can be had again: `ISTHMUS_CACHE_DIR`, else the platform's cache folder for `isthmus`. */
export function cacheDir(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env.ISTHMUS_CACHE_DIR ? resolve(env.ISTHMUS_CACHE_DIR) : envPaths("isthmus", { suffix: "" }).cache;
}

/** Folder of the installed versions of an engine. */
export function engineDir(name: InstallableEngine, cache: string = cacheDir()): string {
  return join(cache, "engines", name);
}

/** What native libraries must fit: `linux-x64`, `linux-arm64-musl`, `darwin-arm64`. A home folder may be shared by several. */
export function enginePlatform(): string {
  const report = process.report as { excludeNetwork?: boolean; getReport(): object } | undefined;
  if (report !== undefined) report.excludeNetwork = true; // else it looks up names of hosts
  const { header } = (report?.getReport() ?? {}) as { header?: { glibcVersionRuntime?: string } };
  const musl = process.platform === "linux" && header?.glibcVersionRuntime === undefined;
  return `${process.platform}-${process.arch}${musl ? "-musl" : ""}`;
}

async function readInstalled(folder: string): Promise<InstalledEngine | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, ENGINE_MANIFEST), "utf8")) as EngineManifest;
    if (manifest.format !== 1) return undefined;
    return { folder, entry: join(folder, manifest.entry), manifest };
  } catch {
    return undefined; // not installed to its end, or of a later version of Isthmus
  }
}

/** The installed engine of a name for this machine, the newest of several; `undefined` where there is none. */
export async function findInstalled(
  name: InstallableEngine,
  cache: string = cacheDir(),
): Promise<InstalledEngine | undefined> {
  const root = engineDir(name, cache);
  const names = await readdir(root).catch(() => []);
  if (names.length === 0) return undefined;
  const newestFirst = names.sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  const platform = enginePlatform();
  for (const each of newestFirst) {
    const installed = await readInstalled(join(root, each));
    if (installed?.manifest.platform === platform && installed.manifest.engine === name) return installed;
  }
  return undefined;
}

/** Whether an NVIDIA driver is loaded: Linux's own, or that of Windows seen from its Linux. */
export function hasNvidiaDriver(): boolean {
  return ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg"].some((file) => existsSync(file));
}

/** The engines in the user's cache. */
export const installedEngines: InstalledEngines = {
  installable: true,
  find: findInstalled,
  specifier: (path) => pathToFileURL(path).href,
  hasNvidiaDriver,
};
