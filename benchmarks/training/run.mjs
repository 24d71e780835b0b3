// Part `training`: seconds for one epoch of training, every backend beside PyTorch.
import { fileURLToPath } from "node:url";
import {
  availableBackends,
  cores,
  machineLine,
  python,
  pythonPackages,
  withoutPeer,
} from "../lib/machine.mjs";
import { quietly } from "../lib/quiet.mjs";
import { count, figure, least, ratioCell, table } from "../lib/report.mjs";
import { fastest, jsonOf, takeTurns } from "../lib/turns.mjs";
import { BATCH, EPOCHS, imagesOf, NETWORKS, WARM_UP, widths } from "./networks.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** At most so many times PyTorch's seconds: both at their best number of threads, and both with one. */
const TARGETS = {
  blas: { best: 0.9, single: 0.95 },
  node: { best: 1.8, single: 1.5 },
  wasm: { best: 9, single: 5 },
};
/** Steps that are timed where a whole epoch would take minutes. */
const STEPS = { wasm: 100, shipped: 20, cpu: 3 };
const THREADED = ["blas", "node"];
/** Indices of the epochs: that of a process that has just begun, and those that a training is made of. */
const [FIRST, LATER] = [0, EPOCHS - 1];

/** Every way to train a network that can be measured here: rows of the table. */
function enginesFor(backends, hasPeer) {
  const counts = cores > 1 ? [1, cores] : [1];
  const peer = hasPeer ? counts.map((threads) => ({ engine: "PyTorch", threads })) : [];
  const ours = backends.flatMap((engine) =>
    (THREADED.includes(engine) ? counts : [1]).map((threads) => ({ engine, threads })),
  );
  const shipped = backends.includes("wasm")
    ? [{ engine: "wasm as shipped", threads: 1, only: "MLPNet" }]
    : [];
  return [
    ...peer,
    ...ours.map((each) => (each.engine === "cpu" ? { ...each, only: "MLPNet" } : each)),
    ...shipped,
  ];
}

/** What one process measured: by implementation of SGD for PyTorch, one for ours, the seconds of each whole epoch. */
async function measure({ engine, threads, network }) {
  const epochs = (steps, parts) => parts.map((part) => (part * network.images) / imagesOf(network, steps));
  if (engine === "PyTorch") {
    const { images, steps } = network;
    const args = [widths(network).join("-"), images, threads, steps, WARM_UP, BATCH, EPOCHS].map(String);
    const env = { ...process.env, OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) };
    const { result } = await jsonOf(python, [here("peer.py"), ...args], { env });
    return {
      seconds: Object.fromEntries(
        Object.entries(result).map(([name, parts]) => [name, epochs(steps, parts)]),
      ),
    };
  }
  const shipped = engine === "wasm as shipped";
  const steps = Math.min(network.steps, STEPS[shipped ? "shipped" : engine] ?? network.steps);
  const args = [network.name, shipped ? "wasm" : engine, threads, steps, ...(shipped ? ["shipped"] : [])].map(
    String,
  );
  const { result } = await jsonOf(process.execPath, [here("ours.mjs"), ...args]);
  return { seconds: { ours: epochs(steps, result.seconds) }, version: result.version };
}

/** The implementation whose epoch of that number, from 0, is the fastest. */
const fastestEpoch = (rounds, epoch) =>
  fastest(
    rounds.map(({ seconds }) =>
      Object.fromEntries(Object.entries(seconds).map(([name, epochs]) => [name, epochs[epoch]])),
    ),
  );

/** Ratios to PyTorch as rows of a table: what has a target, then the first epochs beside PyTorch's first. */
function ratioRows(networks, secondsOf) {
  const all = [1, cores];
  const best = `best of 1 and ${cores} threads`;
  const rows = Object.entries(TARGETS).flatMap(([backend, { best: atMost, single }]) => [
    { backend, what: best, atMost, counts: all, epoch: LATER },
    { backend, what: "one thread", atMost: single, counts: [1], epoch: LATER },
    { backend, what: `${best}, first epoch`, counts: all, epoch: FIRST },
  ]);
  return rows
    .map(({ backend, what, atMost, counts, epoch }) => {
      const shortest = (engine, network) => least(counts.map((n) => secondsOf(engine, n, network, epoch)));
      const cells = networks.map((network) =>
        ratioCell(shortest(backend, network) / shortest("PyTorch", network), { atMost }),
      );
      return [`${backend}, ${what}`, atMost === undefined ? "–" : `≤ ${atMost}`, ...cells];
    })
    .filter(([, , ...cells]) => cells.some((cell) => cell !== "–"));
}

/** @returns the section's body */
export async function training({ rounds = 3, only = () => true }) {
  const machine = machineLine();
  const packages = await pythonPackages("torch");
  const wanted = (names) => names.filter((name) => only(name, names));
  const networks = NETWORKS.filter(({ name }) => wanted(NETWORKS.map((each) => each.name)).includes(name));
  const engines = enginesFor(wanted(await availableBackends()), packages !== undefined);
  const label = (engine, threads, network) => `${network.name}, ${engine}, ${threads}`;
  const found = new Map();
  const quiet = quietly();
  const turn = (configuration) => quiet.run(() => measure(configuration));
  for (const network of networks) {
    const configurations = engines
      .filter((each) => each.only === undefined || each.only === network.name)
      .map((each) => ({ ...each, network, label: label(each.engine, each.threads, network) }));
    for (const [key, results] of await takeTurns(configurations, rounds, turn)) found.set(key, results);
  }
  const secondsOf = (engine, threads, network, epoch) => {
    const results = found.get(label(engine, threads, network));
    return results && fastestEpoch(results, epoch).seconds;
  };

  const names = networks.map(({ name }) => name);
  const seconds = engines.map(({ engine, threads }) => [
    engine,
    String(threads),
    ...networks.map((network) => figure(secondsOf(engine, threads, network, LATER))),
  ]);
  const versions = new Set([...found.values()].flatMap(([{ version }]) => version?.split(", ") ?? []));
  const sgd = new Set(
    networks.flatMap((network) =>
      [1, cores]
        .map((threads) => found.get(label("PyTorch", threads, network)))
        .flatMap((all) => (all ? fastestEpoch(all, LATER).name : [])),
    ),
  );
  const peer = packages
    ? `PyTorch ${packages.torch} on float tensors in memory, with the fastest of its implementations of SGD (${[...sgd].join(", ")}).`
    : withoutPeer("torch");
  const measuredPart = networks.map(
    ({ name, steps, images }) => `${steps} of ${Math.ceil(images / BATCH)} (${name})`,
  );
  return `${[machine, ...versions].join(", ")}. ${peer}

Seconds per epoch: batch ${BATCH}, SGD with momentum .9, no weight decay, no bias. ${networks.map((each) => `${each.name}: ${widths(each).join("-")}, ${each.images.toLocaleString("en")} images`).join("; ")}.
Ours is the library's own \`train\`, with batches gathered from bytes and normalized. All took turns, each in a process of its own; medians of ${count(rounds, "round")}. ${quiet.remark()} Seconds are those of a training's second epoch, for everyone. In the first of a process, ${WARM_UP} steps after its start, V8 compiles, on a core that trains: its ratios are given too, without a target.
Timed were ${measuredPart.join(", ")} steps; on wasm at most ${STEPS.wasm}, as shipped ${STEPS.shipped}, on cpu ${STEPS.cpu}.

${table(["engine", "threads", ...names], seconds)}
${
  packages
    ? `
Ratios to PyTorch, below 1 is faster; **bold** misses the target.

${table(["backend", "target", ...names], ratioRows(networks, secondsOf))}
`
    : ""
}`.trimEnd();
}
