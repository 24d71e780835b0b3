// Part `pipeline`: a whole experiment from starting the process to its printed table, beside the same written in PyTorch.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../../package.json" with { type: "json" };
import {
  availableBackends,
  cores,
  machineLine,
  python,
  pythonPackages,
  withoutPeer,
} from "../lib/machine.mjs";
import { least, ratioCell, table } from "../lib/report.mjs";
import { figure, jsonOf, median, takeTurns } from "../lib/turns.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const MODELS = ["joint", "a", "b", "avg", "ot", "mpf"];
/** At least so many times as fast as PyTorch's pipeline. */
const TARGETS = { blas: 5, node: 3, wasm: 0.5 };
const LOADER_WORKERS = [0, 2];

/** Runs the recipe in a project of its own, in which nothing has been computed before. */
async function ours({ backend, threads }, dataDir, epochs) {
  const project = mkdtempSync(join(tmpdir(), "isthmus-pipeline-"));
  try {
    const { dependencies } = manifest;
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

async function peer({ workers }, dataDir, epochs) {
  const script = fileURLToPath(new URL("peer.py", import.meta.url));
  const { result, seconds } = await jsonOf(python, [script, dataDir, String(epochs), String(workers)]);
  return { seconds, accuracies: result };
}

/** How each engine can be run: ours as it is by default, and with all cores in one step where the backend can. */
function configurationsFor(backends, hasPeer) {
  const own = backends.flatMap((backend) => {
    const counts = backend !== "wasm" && cores > 1 ? [1, cores] : [1];
    return counts.map((threads) => ({
      engine: backend,
      how: threads === 1 ? "default workers" : `--threads ${threads}`,
      run: (...settings) => ours({ backend, threads }, ...settings),
    }));
  });
  const peers = LOADER_WORKERS.map((workers) => ({
    engine: "PyTorch",
    how: `num_workers=${workers}`,
    run: (...settings) => peer({ workers }, ...settings),
  }));
  return [...(hasPeer ? peers : []), ...own].map((each) => ({
    ...each,
    label: `${each.engine}, ${each.how}`,
  }));
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
  const configurations = configurationsFor(backends, packages !== undefined);
  const found = await takeTurns(configurations, rounds, ({ run }) => run(dataDir, epochs));

  const secondsOf = (label) => found.has(label) && median(found.get(label).map(({ seconds }) => seconds));
  const bestOf = (engine) =>
    least(
      configurations
        .filter((each) => each.engine === engine)
        .map(({ label }) => secondsOf(label) || undefined),
    );
  const rows = configurations
    .filter(({ label }) => found.has(label))
    .map(({ engine, how, label }) => {
      const accuracy = (model) =>
        median(found.get(label).map(({ accuracies }) => accuracies[model])).toFixed(2);
      return [`${engine}, ${how}`, figure(secondsOf(label)), ...MODELS.map(accuracy)];
    });
  const ratios = backends.map((backend) => [
    backend,
    `≥ ${TARGETS[backend]}`,
    ratioCell(bestOf("PyTorch") / bestOf(backend), { atLeast: TARGETS[backend] }),
  ]);
  const versions =
    packages && `PyTorch ${packages.torch}, torchvision ${packages.torchvision}, POT ${packages.ot}.`;
  return `${machine}. ${versions ?? withoutPeer("torch torchvision pot")}

Table 1 on MNIST with MLPNet, \`protocol=seed\`, seed 0, ${epochs} epochs: trains A, B and Joint, fuses A and B by averaging, exact optimal transport and Mode Path Fusion, evaluates all six.
Seconds from starting the process to its printed table, nothing reused; median of ${rounds} ${rounds === 1 ? "round" : "rounds"} in which all took turns.
Ours is \`isthmus run\`. The peer is \`benchmarks/pipeline/peer.py\`: a \`Dataset\` with transforms per image, a \`DataLoader\`, \`torch.optim.SGD\`, POT's \`ot.emd\`.

${table(["pipeline", "s", ...MODELS.map((model) => `${model}, %`)], rows)}
${
  packages
    ? `
Times as fast as the faster of PyTorch's, each at its best; **bold** misses the target.

${table(["backend", "target", "speed"], ratios)}
`
    : ""
}`.trimEnd();
}
