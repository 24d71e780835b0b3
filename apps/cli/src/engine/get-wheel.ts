import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "@isthmus/core/node";
import { formatBytes, type Stage, type Work } from "./installation.js";
import { downloadWheel, unpackWheel } from "./wheel-file.js";
import type { Wheel } from "./wheels.js";

/** Downloads a wheel, checks it and unpacks what of it begins with one of `prefixes` into `folder`. */
export async function getWheel(
  python: string,
  wheel: Wheel,
  prefixes: readonly string[],
  folder: string,
  { temp }: Stage,
  { progress, ...options }: Work,
): Promise<void> {
  progress.line(`Downloading ${wheel.project} ${wheel.version} (${formatBytes(wheel.bytes)})`);
  const own = await mkdtemp(join(temp, "wheel-"));
  await mkdir(join(own, "dest"));
  // pip's own temporary files go where they are removed, whatever happens to pip.
  const env = { ...options.env, TMPDIR: own, TEMP: own, TMP: own };
  const download = () => downloadWheel(python, wheel, join(own, "dest"), { ...options, env });
  const file = await progress.growing(own, wheel.bytes, download);
  makeFolder(folder);
  await unpackWheel(python, file, [...prefixes, ...licenses(wheel)], folder, options);
}

/** Where a wheel keeps its licenses. */
function licenses({ project, version }: Wheel): readonly string[] {
  const about = `${project.replaceAll("-", "_")}-${version}.dist-info`;
  return [`${about}/LICENSE`, `${about}/License`, `${about}/licenses/`];
}
