import { rm } from "node:fs/promises";
import { join } from "node:path";
import { IsthmusError } from "@isthmus/core";
import {
  cacheDir,
  engineDir,
  enginePlatform,
  findInstalled,
  type InstallableEngine,
  type InstalledEngine,
} from "@isthmus/core/node";
import type { Installation, Work } from "./installation.js";
import { damagedFile } from "./manifest.js";
import type { Measured } from "./measure-backend.js";
import type { ToolOptions } from "./run-tool.js";
import { buildInPlace, writeProblem } from "./staging.js";

/** What came of an installation. */
export type InstallOutcome =
  | { readonly kind: "installed"; readonly folder: string; readonly measured: Measured }
  /** It was there already, and is sound. */
  | { readonly kind: "present"; readonly folder: string }
  /** The project's own package works: nothing was done. */
  | { readonly kind: "own"; readonly measured: Measured };

/** Where an installation goes. */
export function installationTarget({ engine, version }: Installation, cache: string): string {
  return join(engineDir(engine, cache), `${version}-${enginePlatform()}`);
}

/** The environment of a process that is to find engines in that cache alone. */
function onlyIn(cache: string, env: ToolOptions["env"]): NodeJS.ProcessEnv {
  const { BLAS_LIBRARY: _, ...rest } = env;
  return { ...rest, ISTHMUS_CACHE_DIR: cache };
}

/** Whether the package that the project itself has installed works, tried in a process of its own with an empty cache. */
async function ownPackage(
  engine: InstallableEngine,
  cache: string,
  { env, signal, probe }: Work,
): Promise<Measured | undefined> {
  if (engine === "blas") return undefined;
  const context = { env: onlyIn(join(cache, "engines", "none"), env), signal };
  return (await probe({ backend: engine, threads: 1, seconds: 0 }, context)).measured;
}

/** Runs training steps on what was built, before it is moved to its place. */
async function tryOut(
  { engine, library }: Installation,
  stage: string,
  { env, signal, probe }: Work,
): Promise<Measured> {
  const request = { backend: engine, threads: 1, seconds: 0.3 };
  const { measured, problem } = await probe(request, { env: onlyIn(stage, env), signal });
  if (measured?.details?.startsWith(stage)) return measured;
  throw new IsthmusError({
    code: "engine/does-not-work",
    message: `${library} was installed, but a training step on it failed: ${problem ?? `it was computed by ${measured?.details}`}.`,
    hint: "Nothing of it was kept. isthmus engine shows which other backends work here.",
  });
}

/**
 * Gets an engine into the user's cache: checked, tried out with training steps in a process of its own, and only then moved to
 * its place. Does nothing where it is there and sound, or where the project's own package works.
 */
export async function installEngine(installation: Installation, work: Work): Promise<InstallOutcome> {
  const { engine, library, version, room } = installation;
  const cache = cacheDir(work.env);
  const installed = await findInstalled(engine, cache);
  if (installed?.manifest.version === version) {
    const damaged = await damagedFile(installed);
    if (damaged === undefined) return { kind: "present", folder: installed.folder };
    work.progress.line(`${join(installed.folder, damaged)} is not as it was installed: installing again.`);
  }
  const own = await ownPackage(engine, cache, work);
  if (own !== undefined) return { kind: "own", measured: own };
  await installation.check(work);
  const target = installationTarget(installation, cache);
  let measured: Measured | undefined;
  await buildInPlace(cache, target, room, async (stage) => {
    await installation.build(stage, work);
    work.progress.line(`Trying ${library}`);
    measured = await tryOut(installation, stage.cache, work);
  });
  return { kind: "installed", folder: target, measured: measured as Measured };
}

/** Removes every installed version of an engine; gives the one that was in use, if any was. */
export async function removeEngine(
  engine: InstallableEngine,
  env: ToolOptions["env"],
): Promise<InstalledEngine | undefined> {
  const cache = cacheDir(env);
  const installed = await findInstalled(engine, cache);
  try {
    await rm(engineDir(engine, cache), { recursive: true, force: true });
  } catch (error) {
    throw writeProblem(cache, error);
  }
  return installed;
}
