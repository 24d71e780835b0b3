// Seconds for a plane through three networks of MLPNet (784-400-200-100-10) on 10,000 images: `evaluateCombinations` beside
// evaluating its networks one by one, on every backend that runs here or the one that is named, each in a process of its own.
// Usage: node benchmarks/plane.mjs [STEPS [BACKEND]]   21 steps a side by default; the one-by-one half takes minutes on wasm
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { probeBackends } from "@isthmus/core";

const [steps = "21", only] = process.argv.slice(2);
const script = fileURLToPath(new URL("plane-times.mjs", import.meta.url));
const available = (await probeBackends())
  .filter(({ problem }) => problem === undefined)
  .map(({ name }) => name);
// The plain JavaScript backend would take hours; it is measured when it is asked for.
const backends = only === undefined ? available.filter((name) => name !== "cpu") : [only];

console.log(
  `A plane of ${steps}×${steps} points, MLPNet (784-400-200-100-10), 10,000 images; every point is evaluated both ways`,
);
console.log(
  `${cpus()[0]?.model.trim()}, ${cpus().length} cores; Node ${process.versions.node}; one thread\n`,
);
const header = [
  "one by one, s",
  "combined, s",
  "times faster",
  "in processor time",
  "largest difference of losses",
];
console.log(`${"backend".padEnd(10)}${header.map((each) => each.padStart(each.length + 2)).join("")}`);
for (const backend of backends) {
  const output = execFileSync(process.execPath, [script, backend, steps], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { single, combined, difference } = JSON.parse(output);
  const row = [
    single.clock.toFixed(1),
    combined.clock.toFixed(1),
    (single.clock / combined.clock).toFixed(2),
    (single.cpu / combined.cpu).toFixed(2),
    difference.toExponential(1),
  ];
  console.log(`${backend.padEnd(10)}${row.map((each, i) => each.padStart(header[i].length + 2)).join("")}`);
}
