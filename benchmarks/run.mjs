// npm run bench: seconds per epoch (60,000 images) and GFLOP/s of training MLPNet on every backend that runs here, beside the
// wasm backend as shipped. Configurations take turns, so that the machine's load falls on all of them; ratios are of medians.
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { probeBackends } from "@isthmus/core";

const ROUNDS = 3;
const STEPS_PER_EPOCH = Math.ceil(60_000 / 128);
const STEPS = { cpu: 3, shipped: 20 };

const script = fileURLToPath(new URL("training-step.mjs", import.meta.url));
const available = (await probeBackends()).filter(({ problem }) => problem === undefined);
const configurations = [
  ...available.map(({ name }) => ({
    label: name,
    backend: name,
    state: "repaired",
    steps: STEPS[name] ?? 100,
  })),
  { label: "wasm as shipped", backend: "wasm", state: "shipped", steps: STEPS.shipped },
];

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const measured = new Map(configurations.map(({ label }) => [label, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const { label, backend, state, steps } of configurations) {
    process.stderr.write(`\rround ${round + 1}/${ROUNDS}: ${label.padEnd(20)}`);
    const output = execFileSync(process.execPath, [script, backend, state, String(steps)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    measured.get(label).push(JSON.parse(output));
  }
}
process.stderr.write(`\r${" ".repeat(40)}\r`);

const seconds = (label) => median(measured.get(label).map(({ stepSeconds }) => stepSeconds));
const shipped = seconds("wasm as shipped");
console.log(`Training MLPNet (784-400-200-100-10), batch 128, SGD with momentum, 60,000 images in memory`);
console.log(
  `${cpus()[0]?.model.trim()}, ${cpus().length} cores; Node ${process.versions.node}; one thread; median of ${ROUNDS} rounds\n`,
);
console.log(
  `${"backend".padEnd(18)}${"s/epoch".padStart(9)}${"GFLOP/s".padStart(9)}  ${"speed, times wasm as shipped".padStart(28)}`,
);
for (const { label } of configurations) {
  const gflops = median(measured.get(label).map((each) => each.gflops));
  const epoch = (seconds(label) * STEPS_PER_EPOCH).toFixed(2).padStart(9);
  console.log(
    `${label.padEnd(18)}${epoch}${gflops.toFixed(1).padStart(9)}  ${(shipped / seconds(label)).toFixed(2).padStart(28)}`,
  );
}
