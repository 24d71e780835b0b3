// Part `pipeline`: a whole experiment from starting the process to its printed table, beside the same written in PyTorch.
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
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
import { jsonOf, median, takeTurns } from "../lib/turns.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const MODELS = ["joint", "a", "b", "avg", "ot", "mpf"];
/** At least so many times as fast as PyTorch's pipeline. */
const TARGETS = { blas: 5, node: 3, wasm: 0.5 };
/** Processes that load PyTorch's images, and threads that compute; the fastest of them in one epoch runs the whole. */
const PEERS = [0, 2].flatMap((workers) => [...new Set([1, cores])].map((threads) => ({ workers, threads })));

/** Runs the recipe in a project of its own, in which nothing has been computed before. */
async function ours({ backend, threads }, dataDir, epochs) {
  const project = mkdtempSync(join(tmpdir(), "isthmus-pipeline-"));
  try {
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    writeFileSync(
      join(project, "package.json"),
      JSON.stringify({ name: "pipeline", private: true, dependencies }),
    );
    symlinkSync(join(root, "node_modules"), join(project, "node_modules"), "junction");
    const shorter = ["training.epochs", "fuse.mpf.options.training.epochs"].flatMap((path) => [
      "--set",
      `${path}=${epochs}`,
    ]);
    const args = [
      ...[join(root, "apps/cli/bin/isthmus.js"), "run", join(root, "recipes/table1-mnist.yaml")],
      ...["--set", "protocol=seed", "--seeds", "0", "--backend", backend, "--threads", String(threads)],
      ...["--data-dir", dataDir, "--out", "out", "--json", ...(epochs === 10 ? [] : shorter)],
    ];
    const env = { ...process.env, MLFLOW_TRACKING_URI: "" };
    const { result, seconds } = await jsonOf(process.execPath, args, { cwd: project, env });
    if (result.steps.reused > 0) throw new Error("steps of an earlier run were reused");
    const accuracies = Object.fromEntries(result.rows.map(({ model, accuracy }) => [model, accuracy.mean]));
    return { seconds, accuracies };
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

async function peer({ workers, threads }, dataDir, epochs) {
  const script = fileURLToPath(new URL("peer.py", import.meta.url));
  const env = { ...process.env, OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) };
  const { result, seconds } = await jsonOf(
    python,
    [script, dataDir, ...[epochs, workers, threads].map(String)],
    { env },
  );
  return { seconds, accuracies: result };
}

/** PyTorch's fastest way, by one epoch of everything. */
async function fastestPeer(dataDir) {
  const configurations = PEERS.map((each) => ({
    ...each,
    label: `PyTorch, num_workers=${each.workers}, ${count(each.threads, "thread")}`,
  }));
  const tried = await takeTurns(configurations, 1, (each) => peer(each, dataDir, 1));
  const seconds = ({ label }) => tried.get(label)?.[0].seconds ?? Number.POSITIVE_INFINITY;
  const best = configurations.toSorted((a, b) => seconds(a) - seconds(b))[0];
  return { ...best, engine: "PyTorch", run: (...settings) => peer(best, ...settings) };
}

/** How ours is run: as it is by default, and with all cores in one step where the backend can. */
function ourWays(backends) {
  return backends.flatMap((backend) =>
    [...new Set(backend === "wasm" ? [1] : [1, cores])].map((threads) => ({
      label: `${backend}${threads === 1 ? "" : `, \`--threads ${threads}\``}`,
      engine: backend,
      run: (...settings) => ours({ backend, threads }, ...settings),
    })),
  );
}

/** @returns the section's body */
export async function pipeline({ rounds = 1, epochs = 10, only = () => true }) {
  if (!process.env.ISTHMUS_DATA_DIR) {
    throw new Error("the part `pipeline` needs MNIST: set ISTHMUS_DATA_DIR to the folder of its four files");
  }
  const dataDir = resolve(process.env.ISTHMUS_DATA_DIR);
  const machine = machineLine();
  const packages = await pythonPackages("torch", "torchvision", "ot");
  const available = (await availableBackends()).filter((name) => Object.hasOwn(TARGETS, name));
  const backends = available.filter((name) => only(name, available));
  const configurations = [...(packages ? [await fastestPeer(dataDir)] : []), ...ourWays(backends)];
  const found = await takeTurns(configurations, rounds, ({ run }) => run(dataDir, epochs));

  const measured = configurations.filter(({ label }) => found.has(label));
  const secondsOf = ({ label }) => median(found.get(label).map(({ seconds }) => seconds));
  const bestOf = (engine) => least(measured.filter((each) => each.engine === engine).map(secondsOf));
  const rows = measured.map((each) => {
    const accuracies = found.get(each.label)[0].accuracies; // of the first round
    return [each.label, figure(secondsOf(each)), ...MODELS.map((model) => accuracies[model].toFixed(2))];
  });
  const ratios = backends.map((backend) => [
    backend,
    `≥ ${TARGETS[backend]}`,
    ratioCell(bestOf("PyTorch") / bestOf(backend), { atLeast: TARGETS[backend] }),
  ]);
  const versions =
    packages && `PyTorch ${packages.torch}, torchvision ${packages.torchvision}, POT ${packages.ot}.`;
  return `${machine}. ${versions ?? withoutPeer("torch torchvision pot")}

Table 1 on MNIST with MLPNet, \`protocol=seed\`, seed 0, ${count(epochs, "epoch")}: trains A, B and Joint, fuses A and B by averaging, exact optimal transport and Mode Path Fusion, evaluates all six.
Seconds from starting the process to its printed table, nothing reused; median of ${count(rounds, "round")} in which all took turns.
Ours is \`isthmus run\`. The peer is \`benchmarks/pipeline/peer.py\`: a \`Dataset\` with transforms per image, a \`DataLoader\`, \`torch.optim.SGD\`, POT's \`ot.emd\`; of \`num_workers\` 0 and 2 and 1 and ${cores} threads it has what was fastest in one epoch.

${table(["pipeline", "s", ...MODELS.map((model) => `${model}, %`)], rows)}
${
  packages
    ? `
Times as fast as PyTorch, ours at its best; **bold** misses the target.

${table(["backend", "target", "speed"], ratios)}
`
    : ""
}`.trimEnd();
}
