import { basename, join } from "node:path";
import { sha256 } from "../numerics/sha256.js";
import { writeAtomically } from "./atomic-file.js";

/**
 * Keeps a copy of a small file that the user may change or overwrite (recipe, table, plot), so that a run can refer to it for
 * good: `<root>/files/<digest>/<name>`. The same content is kept once. Returns its path.
 */
export async function keepFile(root: string, name: string, content: Uint8Array | string): Promise<string> {
  const path = join(root, "files", await sha256(content), basename(name));
  await writeAtomically(path, content);
  return path;
}
