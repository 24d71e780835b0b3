// Solves one problem with `exactPlan`, in a process of its own. Usage: node solve.mjs COST_FILE N M   → one line of JSON
import { readFileSync, writeFileSync } from "node:fs";
import { exactPlan } from "@isthmus/fusion-ot";
import { problem } from "./problems.mjs";

const [file, n, m] = process.argv.slice(2).map((each, i) => (i === 0 ? each : Number(each)));
const flat = (size) => new Float64Array(size).fill(1 / size);

/** Kilobytes of a line of Linux's /proc/self/status; NaN elsewhere. */
function memory(line) {
  try {
    return Number(new RegExp(`${line}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  } catch {
    return Number.NaN;
  }
}

for (const size of [400, 256]) exactPlan(problem("uniform", 400, size), flat(400), flat(size)); // warm-up of both solvers

const bytes = readFileSync(file);
const cost = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
try {
  writeFileSync("/proc/self/clear_refs", "5"); // from here on the peak counts
} catch {}
const before = memory("VmRSS");
const start = performance.now();
const plan = exactPlan(cost, flat(n), flat(m));
const seconds = (performance.now() - start) / 1000;
const megabytes = (memory("VmHWM") - before) / 1024;
let total = 0;
for (let k = 0; k < plan.length; k++) total += plan[k] * cost[k];
process.stdout.write(JSON.stringify({ seconds, megabytes, total }));
