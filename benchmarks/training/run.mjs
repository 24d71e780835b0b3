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
import { count, figure, least, ratioCell, table } from "../lib/report.mjs";
import { slicesOf, takeSlices } from "../lib/slices.mjs";
import { fastest, median, say } from "../lib/turns.mjs";
import { BATCH, EPOCHS, NETWORKS, SLICES, WARM_UP, widths } from "./networks.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** At most so many times PyTorch's seconds: both at their best number of threads, and both with one. */
const TARGETS = {
  blas: { best: 0.9, single: 0.95 },
  node: { best: 1.8, single: 1.5 },
  wasm: { best: 9, single: 5 },
};
/** Steps that are timed where a whole epoch would take minutes. */
const STEPS = { wasm: 100, shipped: 20, cpu: 10 };
const THREADED = ["blas", "node"];
const SHIPPED = "wasm as shipped";
/** Indices of the epochs: that of a process that has just begun, and those that a training is made of. */
const [FIRST, LATER] = [0, EPOCHS - 1];

/** Every way to train a network that can be measured here: rows of the table. */
function enginesFor(backends, hasPeer) {
  const counts = cores > 1 ? [1, cores] : [1];
  const peer = hasPeer ? counts.map((threads) => ({ engine: "PyTorch", threads })) : [];
  const ours = backends.flatMap((engine) =>
    (THREADED.includes(engine) ? counts : [1]).map((threads) => ({ engine, threads })),
  );
  const shipped = backends.includes("wasm") ? [{ engine: SHIPPED, threads: 1, only: "MLPNet" }] : [];
  return [
    ...peer,
    ...ours.map((each) => (each.engine === "cpu" ? { ...each, only: "MLPNet" } : each)),
    ...shipped,
  ];
}

/** Steps of an epoch that are timed. */
const stepsOf = ({ engine, network }) =>
  Math.min(network.steps, STEPS[engine === SHIPPED ? "shipped" : engine] ?? network.steps);

/** Starts a program that trains a slice at a time. */
function start(configuration) {
  const { engine, threads, network } = configuration;
  const steps = stepsOf(configuration);
  if (engine === "PyTorch") {
    const settings = [network.images, threads, steps, WARM_UP, BATCH, EPOCHS, SLICES];
    const args = [widths(network).join("-"), ...settings].map(String);
    const env = { ...process.env, OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) };
    return slicesOf(python, [here("peer.py"), ...args], { env });
  }
  const shipped = engine === SHIPPED;
  const args = [network.name, shipped ? "wasm" : engine, threads, steps, ...(shipped ? ["shipped"] : [])];
  return slicesOf(process.execPath, [here("ours.mjs"), ...args.map(String)]);
}

/**
 * The fastest implementation of a configuration, and its seconds of a whole epoch: those of each slice are the median over the rounds,
 * which no short disturbance moves.
 *
 * @param rounds for each round what the slices of all epochs gave: seconds by implementation
 */
function fastestEpoch({ network, ...rest }, rounds, epoch) {
  const whole = network.images / (stepsOf({ network, ...rest }) * BATCH);
  const slices = Array.from({ length: SLICES }, (_, i) => epoch * SLICES + i);
  const seconds = (name) =>
    slices.reduce((sum, slice) => sum + whole * median(rounds.map((round) => round[slice][name])), 0);
  return fastest([Object.fromEntries(Object.keys(rounds[0][0]).map((name) => [name, seconds(name)]))]);
}

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
export async function training({ rounds = 5, only = () => true }) {
  const machine = machineLine();
  const packages = await pythonPackages("torch");
  const wanted = (names) => names.filter((name) => only(name, names));
  const networks = NETWORKS.filter(({ name }) => wanted(NETWORKS.map((each) => each.name)).includes(name));
  const engines = enginesFor(wanted(await availableBackends()), packages !== undefined);
  const label = (engine, threads, network) => `${network.name}, ${engine}, ${threads}`;
  const found = new Map();
  const versions = new Set();
  for (const network of networks) {
    const configurations = engines
      .filter((each) => each.only === undefined || each.only === network.name)
      .map((each) => ({ ...each, network, label: label(each.engine, each.threads, network) }));
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1}/${rounds} of ${network.name}\n`);
      const measured = await takeSlices(configurations, EPOCHS * SLICES, start);
      for (const each of configurations) {
        const { ready, results } = measured.get(each.label) ?? {};
        if (results === undefined) continue;
        const before = found.get(each.label)?.measured ?? [];
        found.set(each.label, { configuration: each, measured: [...before, results] });
        for (const version of ready.version?.split(", ") ?? []) versions.add(version);
      }
    }
  }
  const fastestOf = (engine, threads, network, epoch) => {
    const { configuration, measured } = found.get(label(engine, threads, network)) ?? {};
    return measured && fastestEpoch(configuration, measured, epoch);
  };
  const secondsOf = (...which) => fastestOf(...which)?.seconds;

  const names = networks.map(({ name }) => name);
  const seconds = engines.map(({ engine, threads }) => [
    engine,
    String(threads),
    ...networks.map((network) => figure(secondsOf(engine, threads, network, LATER))),
  ]);
  const sgd = new Set(
    networks.flatMap((network) =>
      [1, cores].flatMap((threads) => fastestOf("PyTorch", threads, network, LATER)?.name ?? []),
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
Ours is the library's own \`train\`, with batches gathered from bytes and normalized. All took turns, each in a process of its own that trains one of the ${SLICES} slices of an epoch, then lets the others do so; each slice's time is its median over ${count(rounds, "round")}. Seconds are those of a training's second epoch, for everyone. In the first of a process, ${WARM_UP} steps after its start, V8 compiles, on a core that trains: its ratios are given too, without a target.
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
