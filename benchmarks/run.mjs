// npm run bench [-- PART… | all] [--rounds N] [--only NAME,NAME] [--epochs N]   parts: training (default), vgg, pipeline, ot, plane
// Measures the parts one after another and puts each into benchmarks/results.md; the others keep what was measured before.
// --only: networks and backends to measure, by name; --epochs: fewer than the 10 of `pipeline`; what comes of either is printed
// and not kept.
// ISTHMUS_PYTHON names the Python that has the peers, ISTHMUS_DATA_DIR the folder of MNIST that `pipeline` needs.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mergeSections } from "./lib/report.mjs";
import { PARTS } from "./parts.mjs";

const page = fileURLToPath(new URL("results.md", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string" }, only: { type: "string" }, epochs: { type: "string" } },
});
const unknown = positionals.find((name) => name !== "all" && !Object.hasOwn(PARTS, name));
if (unknown !== undefined) {
  console.error(`error: there is no part "${unknown}"; choose among ${Object.keys(PARTS).join(", ")}, all.`);
  process.exit(2);
}
const number = (name) => {
  const value = values[name] === undefined ? undefined : Number(values[name]);
  if (value === undefined || (Number.isInteger(value) && value > 0)) return value;
  console.error(`error: --${name} is a whole number from 1.`);
  process.exit(2);
};
const asked = positionals.includes("all") ? Object.keys(PARTS) : positionals;
const chosen = asked.length === 0 ? ["training"] : Object.keys(PARTS).filter((name) => asked.includes(name));
const names = values.only?.split(",");
const settings = {
  rounds: number("rounds"),
  epochs: number("epochs"),
  // A list without a network means all networks, one without a backend all backends.
  only: names && ((name, all) => names.includes(name) || !names.some((each) => all.includes(each))),
};

for (const name of chosen) {
  const { title, measure } = PARTS[name];
  const body = await measure(settings);
  console.log(`## ${title}\n\n${body}\n`);
  if (values.only || values.epochs) continue;
  const before = existsSync(page) ? readFileSync(page, "utf8") : "";
  const order = Object.values(PARTS).map((part) => part.title);
  writeFileSync(page, mergeSections(before, new Map([[title, body]]), order));
}
