// What a part was measured on and with.
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { probeBackends } from "@isthmus/core";
import { jsonOf } from "./turns.mjs";

export const cores = availableParallelism();

/** The Python that has the peers. */
export const python = process.env.ISTHMUS_PYTHON ?? "python3";

/** The day, the machine and how busy it is; call it before measuring. */
export function machineLine(now = new Date()) {
  const memory = Math.round(totalmem() / 2 ** 30);
  return (
    `Measured on ${now.toISOString().slice(0, 10)}: ${cpus()[0]?.model.trim()}, ${cores} cores, ${memory} GiB, ` +
    `${process.platform} ${process.arch}, load before it ${loadavg()[0].toFixed(1)}; Node ${process.versions.node}`
  );
}

/** Names of the backends that run here, best first. */
export async function availableBackends() {
  return (await probeBackends()).filter(({ problem }) => problem === undefined).map(({ name }) => name);
}

/** Versions of Python packages, by name; undefined where one of them cannot be imported. */
export async function pythonPackages(...names) {
  const program =
    "import sys, json, importlib\n" +
    "print(json.dumps({name: importlib.import_module(name).__version__ for name in sys.argv[1:]}))";
  try {
    return (await jsonOf(python, ["-c", program, ...names])).result;
  } catch {
    return undefined;
  }
}

/** What to do where the peer is missing. */
export const withoutPeer = (names) =>
  `Without its peer: set \`ISTHMUS_PYTHON\` to a Python that has ${names} (\`pip install ${names}\`) to measure it side by side.`;
