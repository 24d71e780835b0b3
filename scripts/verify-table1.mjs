// Runs Table 1 on real MNIST (MLPNet, seeds 0..2) with the protocol of the published code, and compares it with the published
// means: Joint, B and MPF within 1 point, A within 1.5, AVG and OT within 6, and MPF > Joint > A > B > AVG.
// Takes about a quarter of an hour on two cores with wasm; finished steps are kept. Arguments go to `isthmus run`.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const PUBLISHED = {
  joint: [96.97, 1],
  a: [91.68, 1.5],
  b: [87.56, 1],
  avg: [81.3, 6],
  ot: [80.27, 6],
  mpf: [97.32, 1],
};

const root = fileURLToPath(new URL("..", import.meta.url));
const command = ["run", "recipes/table1-mnist.yaml", "--set", "protocol=seed", "--seeds", "0..2", "--json"];
const result = spawnSync(
  process.execPath,
  ["apps/cli/bin/isthmus.js", ...command, ...process.argv.slice(2)],
  {
    cwd: root,
    encoding: "utf8",
    stdio: ["inherit", "pipe", "inherit"],
  },
);
if (result.status !== 0) process.exit(result.status ?? 1);
const { rows } = JSON.parse(result.stdout);
const mean = Object.fromEntries(rows.map(({ model, accuracy }) => [model, accuracy.mean]));
const checks = Object.entries(PUBLISHED).map(([model, [published, tolerance]]) => {
  const text = `${model.padEnd(6)} ${mean[model].toFixed(2)}, published ${published.toFixed(2)} ± ${tolerance}`;
  return [text, Math.abs(mean[model] - published) <= tolerance];
});
const order = ["mpf", "joint", "a", "b", "avg"];
checks.push([`${order.join(" > ")}`, order.every((name, i) => i === 0 || mean[order[i - 1]] > mean[name])]);
for (const [text, ok] of checks) console.log(`${ok ? "ok  " : "FAIL"}  ${text}`);
const failed = checks.filter(([, ok]) => !ok).length;
console.log(`${checks.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
