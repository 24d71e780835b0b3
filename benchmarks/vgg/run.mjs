// Part `vgg`: seconds for one step of training VGG-11, every backend beside PyTorch.
import { fileURLToPath } from "node:url";
import {
  availableBackends,
  cores,
  machineLine,
  python,
  pythonPackages,
  withoutPeer,
} from "../lib/machine.mjs";
import { count, figure, least, ratioCell, table } from "../lib/report.mjs";
import { fastest, jsonOf, takeTurns } from "../lib/turns.mjs";
import { BATCH, NETWORKS } from "./networks.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** At most so many times PyTorch's seconds, both at their best number of threads. */
const TARGETS = { blas: 1.5, node: 3, wasm: 12 };
const THREADED = ["PyTorch", "blas", "node"];
const counts = cores > 1 ? [1, cores] : [1];
/** Steps that are timed, after one that is not; the plain JavaScript of `cpu` would take minutes for one. */
const STEPS = { wasm: 2 };
const MANY = 5;
const WARM_UP = 1;

/** Seconds per step of one process: by way of computing for PyTorch, one for ours. */
async function measure({ engine, threads, network }) {
  const options = JSON.stringify(network.options);
  if (engine === "PyTorch") {
    const args = [here("peer.py"), options, threads, MANY, WARM_UP, BATCH].map(String);
    const env = { ...process.env, OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) };
    return { ways: (await jsonOf(python, args, { env })).result };
  }
  const args = [here("ours.mjs"), options, engine, threads, STEPS[engine] ?? MANY, WARM_UP].map(String);
  const { seconds, ...rest } = (await jsonOf(process.execPath, args)).result;
  return { ways: { ours: seconds }, ...rest };
}

/** @returns the section's body */
export async function vgg({ rounds = 3, only = () => true }) {
  const machine = machineLine();
  const packages = await pythonPackages("torch");
  const wanted = (names) => names.filter((name) => only(name, names));
  const chosen = wanted(NETWORKS.map(({ name }) => name));
  const networks = NETWORKS.filter(({ name }) => chosen.includes(name));
  const backends = wanted((await availableBackends()).filter((name) => name !== "cpu"));
  const engines = [...(packages ? ["PyTorch"] : []), ...backends].flatMap((engine) =>
    (THREADED.includes(engine) ? counts : [1]).map((threads) => ({ engine, threads })),
  );
  const label = (engine, threads, network) => `${network.name}, ${engine}, ${threads}`;
  const configurations = networks.flatMap((network) =>
    engines.map((each) => ({ ...each, network, label: label(each.engine, each.threads, network) })),
  );
  const found = await takeTurns(configurations, rounds, measure);
  const fastestOf = (engine, threads, network) => {
    const results = found.get(label(engine, threads, network));
    return results?.length ? fastest(results.map(({ ways }) => ways)) : undefined;
  };

  const names = networks.map(({ name }) => name);
  const seconds = engines.map(({ engine, threads }) => [
    engine,
    String(threads),
    ...networks.map((network) => figure(fastestOf(engine, threads, network)?.seconds)),
  ]);
  const best = (engine, network) => least(counts.map((n) => fastestOf(engine, n, network)?.seconds));
  const ratios = Object.entries(TARGETS)
    .filter(([backend]) => backends.includes(backend))
    .map(([backend, atMost]) => [
      backend,
      `≤ ${atMost}`,
      ...networks.map((network) => ratioCell(best(backend, network) / best("PyTorch", network), { atMost })),
    ]);
  const all = [...found.values()].flat();
  const versions = new Set(all.flatMap(({ version }) => version?.split(", ") ?? []));
  const memory = Math.max(...all.map((each) => each.memory ?? 0));
  const ways = new Set(
    networks.flatMap((network) => counts.flatMap((n) => fastestOf("PyTorch", n, network)?.name ?? [])),
  );
  const peer = packages
    ? `PyTorch ${packages.torch} on float tensors in memory, in the fastest of its memory formats and implementations of SGD (${[...ways].join("; ")}).`
    : withoutPeer("torch");
  return `${[machine, ...versions].join(", ")}. ${peer}

Seconds per step: batch ${BATCH} of 32 × 32 × 3, SGD with momentum .9, with bias. Ours is the library's own \`train\`, with batches gathered from bytes and normalized.
All took turns, each in a process of its own; medians of ${count(rounds, "round")} of ${MANY} steps, on wasm ${STEPS.wasm}, after ${WARM_UP} to warm up. The largest of our processes took ${memory.toFixed(1)} GiB.

${table(["engine", "threads", ...names], seconds)}
${
  packages
    ? `
Ratios to PyTorch, both at the best of ${counts.join(" and ")} threads, below 1 is faster; **bold** misses the target.

${table(["backend", "target", ...names], ratios)}
`
    : ""
}`.trimEnd();
}
