import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ENGINE_MANIFEST, type EngineManifest, type InstalledEngine } from "@isthmus/core/node";
import { fileDigest } from "./wheel-file.js";

/** Files up to this size are compared by content, larger ones by size: those were checked as part of their package. */
const READ_UP_TO = 64_000_000;

/** Writes down, as the last thing, what a folder holds. */
export async function writeManifest(
  folder: string,
  { paths, ...about }: Omit<EngineManifest, "format" | "files"> & { readonly paths: readonly string[] },
): Promise<void> {
  const files: { path: string; bytes: number; sha256?: string }[] = [];
  for (const path of paths) {
    const { size: bytes } = await stat(join(folder, path));
    const digest = bytes <= READ_UP_TO ? { sha256: await fileDigest(join(folder, path)) } : {};
    files.push({ path, bytes, ...digest });
  }
  const manifest: EngineManifest = { format: 1, ...about, files };
  await writeFile(join(folder, ENGINE_MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** The first file of an installed engine that is not as it was installed; `undefined` where all are. */
export async function damagedFile({ folder, manifest }: InstalledEngine): Promise<string | undefined> {
  for (const { path, bytes, sha256 } of manifest.files) {
    const found = await stat(join(folder, path)).catch(() => undefined);
    if (found?.size !== bytes) return path;
    if (sha256 !== undefined && (await fileDigest(join(folder, path))) !== sha256) return path;
  }
  return undefined;
}
