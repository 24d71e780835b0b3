import { access, constants } from "node:fs/promises";
import { probeBackends } from "@isthmus/core";
import type { Project } from "../project.js";
import type { Check } from "./check.js";

/** What brings a backend that is not there by itself. */
const REMEDIES: Readonly<Record<string, string>> = {
  gpu: "Optional, for a machine with an NVIDIA GPU: isthmus engine install gpu",
  blas: "Optional, two to three times as fast as wasm: isthmus engine install blas",
  node: "Optional: isthmus engine install node",
};

/** True for Node 20.19 and later. */
export function isNodeSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

/** The Node that runs this. */
export function checkNode(version: string = process.versions.node): Check {
  return isNodeSupported(version)
    ? { name: "node", status: "ok", message: version }
    : { name: "node", status: "broken", message: version, fix: "Install Node.js 20.19 or newer." };
}

/** Whether the folder of finished steps can be written. */
export async function checkProject({ root, kept }: Project): Promise<Check> {
  for (const folder of [kept, root]) {
    try {
      await access(folder, constants.W_OK);
      return { name: "project", status: "ok", message: `${root}, steps are kept in ${kept}` };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
      break;
    }
  }
  return {
    name: "project",
    status: "broken",
    message: `${kept} cannot be written`,
    fix: "Correct the folder's permissions, or start in another folder.",
  };
}

/** Every tensor backend, and which of them `auto` takes. One that would be faster and is not there is no fault; broken where none runs. */
export async function checkBackends(): Promise<readonly Check[]> {
  const found = await probeBackends();
  const best = found.find(({ problem, slow }) => problem === undefined && slow === undefined);
  const checks = found.map(({ name, title, problem, library }): Check => {
    const remedy = REMEDIES[name];
    const what = library === undefined ? title : `${title}: ${library}`;
    const chosen = name === best?.name ? "; --backend auto takes this one" : "";
    if (problem === undefined) return { name: `backend ${name}`, status: "ok", message: `${what}${chosen}` };
    return {
      name: `backend ${name}`,
      status: remedy === undefined ? "warning" : "note",
      message: `${title}: ${problem}`,
      fix: remedy ?? "Reinstall the dependencies: npm ci",
    };
  });
  if (best !== undefined) return checks;
  return checks.map((check) => ({ ...check, status: "broken" as const }));
}
