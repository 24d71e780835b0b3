// Runs Table 1 on real MNIST with 5 seeds in one process and in two workers, one thread each, in stores of their own. Compares
// every step's numbers and artifacts bit for bit, and the times: two workers may take at most 0.6 of the time of one.
// Needs two idle cores and takes about a quarter of an hour on them with wasm. Arguments go to both runs, e.g. --data-dir, --seeds, --set.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const MOST = 0.6;
const root = fileURLToPath(new URL("..", import.meta.url));
const places = process.argv.slice(2).map((arg, i, all) => (all[i - 1] === "--data-dir" ? resolve(arg) : arg));
const dataDir = process.env.ISTHMUS_DATA_DIR;
const env = {
  ...process.env,
  ...(dataDir ? { ISTHMUS_DATA_DIR: resolve(dataDir) } : {}),
  MLFLOW_TRACKING_URI: "",
};

function isthmus(cwd, ...args) {
  const command = [join(root, "apps/cli/bin/isthmus.js"), ...args];
  const { status } = spawnSync(process.execPath, command, {
    cwd,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** A project of its own, with this one's plugins. */
function makeProject(folder) {
  mkdirSync(folder, { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "verify", private: true, dependencies }),
  );
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
}

/** Seconds that the run takes with so many workers. */
function run(folder, workers) {
  const recipe = join(root, "recipes/table1-mnist.yaml");
  const start = performance.now();
  isthmus(
    folder,
    "run",
    recipe,
    "--seeds",
    "0..4",
    "--threads",
    "1",
    "--workers",
    workers,
    "--json",
    ...places,
  );
  return (performance.now() - start) / 1000;
}

const digest = (content) => createHash("sha256").update(content).digest("hex");

/** What of an artifact is a result: of a checkpoint its tensors; its metadata says when it was made. */
function digestArtifact(file) {
  const content = readFileSync(file);
  if (!file.endsWith(".safetensors")) return digest(content);
  const end = 8 + Number(content.readBigUInt64LE());
  const { __metadata__, ...tensors } = JSON.parse(content.subarray(8, end).toString());
  return digest(JSON.stringify(tensors)) + digest(content.subarray(end));
}

/** Every step's results by key: artifacts, summary, details, all numbers without their times. */
function results(folder) {
  const steps = join(folder, ".isthmus/steps");
  const entries = readdirSync(steps).map((key) => {
    const record = JSON.parse(readFileSync(join(steps, key, "record.json"), "utf8"));
    const { kind, summary, details, metrics, artifacts } = record;
    const series = metrics.map(({ timestamp, ...point }) => point);
    const files = artifacts.map(({ path }) => [path, digestArtifact(join(steps, key, path))]);
    return [key, JSON.stringify({ kind, summary, details, series, files })];
  });
  return new Map(entries);
}

const temporary = mkdtempSync(join(tmpdir(), "isthmus-workers-"));
try {
  const folders = ["1", "2"].map((workers) => join(temporary, workers));
  for (const folder of folders) makeProject(folder);
  const at = places.indexOf("--data-dir");
  isthmus(folders[0], "data", "get", "mnist", ...(at < 0 ? [] : places.slice(at, at + 2)));
  const [one, two] = folders.map((folder, i) => run(folder, String(i + 1)));
  const [expected, found] = folders.map(results);
  const keys = new Set([...expected.keys(), ...found.keys()]);
  const different = [...keys].filter((key) => expected.get(key) !== found.get(key));
  const ratio = two / one;
  console.log(
    `1 worker: ${one.toFixed(1)} s, 2 workers: ${two.toFixed(1)} s, ratio ${ratio.toFixed(3)} (at most ${MOST})`,
  );
  console.log(`${keys.size} steps, ${different.length} with different results`);
  for (const key of different) console.log(`  ${key}`);
  process.exitCode = different.length > 0 || ratio > MOST ? 1 : 0;
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
