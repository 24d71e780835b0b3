// Exact optimal transport between uniform marginals: `exactPlan` beside POT's `ot.emd` and SciPy's `linear_sum_assignment`.
// Usage: node benchmarks/ot/run.mjs [SIZE…]   a size is 1024 or 1024x800; ISTHMUS_PYTHON names the Python that has POT.
// Every solver runs in a process of its own, taking turns on the same file; times are medians, memory is the peak above the
// resident set before solving.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PROBLEMS, problem } from "./problems.mjs";

const ROUNDS = 3;
const DEFAULT_SIZES = ["512", "1024", "2048", "4096", "1024x800"];

const python = process.env.ISTHMUS_PYTHON ?? "python3";
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const run = (command, args) =>
  JSON.parse(execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }));
const ours = (args) => ({ exactPlan: run(process.execPath, [here("solve.mjs"), ...args]) });
const peers = (args) => run(python, [here("peer.py"), ...args]);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

let versions;
try {
  versions = peers([]);
} catch {
  console.log(
    `${python} has no POT: our solver alone. Set ISTHMUS_PYTHON to a Python that has \`pot\` installed.`,
  );
}
console.log(
  `${cpus()[0]?.model.trim()}; Node ${process.versions.node}; one thread; median of ${ROUNDS} rounds`,
);
if (versions) console.log(`POT ${versions.pot}, SciPy ${versions.scipy}`);
console.log(
  `\n${"cost".padEnd(12)}${"size".padEnd(12)}${"solver".padEnd(12)}${"s".padStart(9)}${"MB".padStart(8)}${"optimum".padStart(22)}${"relative to ours".padStart(18)}`,
);

const sizes = process.argv.length > 2 ? process.argv.slice(2) : DEFAULT_SIZES;
const folder = mkdtempSync(join(tmpdir(), "isthmus-ot-"));
try {
  for (const kind of Object.keys(PROBLEMS)) {
    for (const size of sizes) {
      const [n, m = n] = size.split("x").map(Number);
      const file = join(folder, "cost.f64");
      writeFileSync(file, problem(kind, n, m));
      const args = [file, String(n), String(m)];
      const rounds = Array.from({ length: ROUNDS }, () => ({
        ...ours(args),
        ...(versions ? peers(args) : {}),
      }));
      const { total: own } = rounds[0].exactPlan;
      for (const solver of Object.keys(rounds[0])) {
        const seconds = median(rounds.map((round) => round[solver].seconds));
        const megabytes = median(rounds.map((round) => round[solver].megabytes));
        const { total } = rounds[0][solver];
        console.log(
          `${kind.padEnd(12)}${`${n}x${m}`.padEnd(12)}${solver.padEnd(12)}${seconds.toFixed(3).padStart(9)}` +
            `${megabytes.toFixed(0).padStart(8)}${total.toPrecision(15).padStart(22)}` +
            `${solver === "exactPlan" ? "" : ((total - own) / own).toExponential(1).padStart(18)}`,
        );
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
