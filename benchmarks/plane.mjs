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
console.log(
  `${"backend".padEnd(10)}${"one by one, s".padStart(15)}${"combined, s".padStart(13)}${"times faster".padStart(14)}${"largest difference of losses".padStart(30)}`,
);
for (const backend of backends) {
  const output = execFileSync(process.execPath, [script, backend, steps], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { single, combined, difference } = JSON.parse(output);
  console.log(
    `${backend.padEnd(10)}${single.toFixed(1).padStart(15)}${combined.toFixed(1).padStart(13)}` +
      `${(single / combined).toFixed(2).padStart(14)}${difference.toExponential(1).padStart(30)}`,
  );
}
