// Makes a fresh clone work with only Node and npm: installs and builds what is missing or stale, then runs a task.
// Usage: node scripts/bootstrap.mjs TASK [arguments…], where TASK is one of the table at the end
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [task, ...args] = process.argv.slice(2);
const windows = process.platform === "win32";

// A Ctrl-C reaches the command as well, which ends by itself, and this process with it.
process.on("SIGINT", () => {});

/** Runs a command in the project's root with its output shown; ends with its exit code where it fails. */
function run(command, commandArgs, { quiet = false } = {}) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
  const stdio = quiet ? ["ignore", "pipe", "pipe"] : "inherit";
  const child = spawn(command, commandArgs, { cwd: root, env, shell: windows, stdio });
  let output = "";
  for (const stream of quiet ? [child.stdout, child.stderr] : [])
    stream.on("data", (text) => (output += text));
  const end = () => child.kill("SIGTERM");
  process.once("SIGTERM", end);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      process.off("SIGTERM", end);
      if (status === 0) return resolve();
      process.stderr.write(output);
      process.exit(status ?? (signal === "SIGINT" ? 130 : 143));
    });
  });
}

const say = (text) => process.stderr.write(`${text}\n`);
const bin = (name) => join(root, "node_modules", ".bin", windows ? `${name}.cmd` : name);

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    say(`error: Isthmus needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
    process.exit(1);
  }
}

/** Installs when the lock file is not the one that was installed last. */
async function install() {
  const stamp = join(root, "node_modules", ".isthmus-installed");
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  say("Installing dependencies (once; about half a minute)…");
  await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stamp, lock);
}

/** Builds what changed since the last build; turbo knows. */
async function build() {
  const first = !existsSync(join(root, "apps", "cli", "dist", "main.js"));
  if (first) say("Building the packages…");
  await run(bin("turbo"), ["run", "build", "--output-logs=errors-only", "--log-order=grouped"], {
    quiet: true,
  });
}

const script = (file, ...scriptArgs) => run(process.execPath, [join(root, file), ...scriptArgs]);

/** Formatting, lint rules, types of sources and tests, house rules. */
async function lint() {
  await run(bin("biome"), ["check", "--error-on-warnings", "."]);
  await run(bin("tsc"), ["-p", "tsconfig.test.json"]);
  await script("scripts/check-house.mjs");
}

/** What is neither lint nor test: unused code and dependencies, packages' manifests, types with the next compiler. */
async function checkRest() {
  await run(bin("knip"), []);
  await script("scripts/check-packages.mjs");
  await run(process.execPath, [join(root, "node_modules/typescript-7/bin/tsc"), "-p", "tsconfig.test.json"]);
}

const test = () => run(bin("vitest"), ["run", ...args]);

const tasks = {
  build: () => {},
  start: () => script("apps/cli/bin/isthmus.js", "run", "recipes/quickstart.yaml", ...args),
  test,
  bench: () => script("benchmarks/run.mjs", ...args),
  schema: () => script("scripts/write-recipe-schema.mjs"),
  verify: () => script(...args),
  lint,
  "check:rest": checkRest,
  check: async () => {
    await lint();
    await checkRest();
    await test();
  },
};

if (!Object.hasOwn(tasks, task)) {
  say(`error: unknown task "${task}"; choose one of ${Object.keys(tasks).join(", ")}.`);
  process.exit(2);
}
checkNode();
await install();
await build();
await tasks[task]();
