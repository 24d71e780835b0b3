// House rules that no linter knows: which way imports point, what may load in a browser, where time and chance come from,
// that every error code is documented, and that manifests name files that exist. Prints every break and ends with 1.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const problems = [];
const read = (file) => readFileSync(join(root, file), "utf8");
const folders = ["packages", "apps"].flatMap((group) =>
  readdirSync(join(root, group)).map((name) => `${group}/${name}`),
);
const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder, "src"), { recursive: true })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `${folder}/src/${file.replaceAll("\\", "/")}`),
);
const product = sources.filter((file) => !/\.test\.ts$|\/test-[^/]*\.ts$/.test(file));
const packageOf = (file) => file.split("/")[1];
const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
const importsOf = (text) =>
  [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s*"([^"]+)"|import\(\s*"([^"]+)"\s*\)|(?:^|\n)import "([^"]+)"/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3]);

// 1. Imports point one way: apps → plugins → core. The client and the plots know nothing of ours; no plugin knows another.
const ALONE = ["core", "mlflow-js-client", "plots", "tfjs-backend-blas"];
for (const file of sources) {
  for (const target of importsOf(withoutComments(read(file)))) {
    if (!target.startsWith("@isthmus/")) continue;
    const [from, to] = [packageOf(file), target.split("/")[1]];
    const allowed = file.startsWith("apps/")
      ? ["core", "mlflow-js-client", "plots"].includes(to)
      : !ALONE.includes(from) && to === "core";
    if (!allowed && from !== to)
      problems.push(`${file}: imports ${target}; imports point apps → plugins → core only`);
  }
}

// 2. Core's main entry, the testing entry's fixtures and the plugins load in a browser: no node: import on the way.
const BROWSER = folders
  .map(packageOf)
  .filter((name) => /^(core|models|datasets|continual|fusion-.*)$/.test(name));
function walk(file, seen = new Set()) {
  if (seen.has(file) || !existsSync(join(root, file))) return seen;
  seen.add(file);
  for (const target of importsOf(withoutComments(read(file)))) {
    if (target.startsWith("node:")) problems.push(`${file}: imports ${target}, but must load in a browser`);
    if (target.startsWith(".")) walk(join(dirname(file), target.replace(/\.js$/, ".ts")), seen);
  }
  return seen;
}
for (const name of BROWSER) walk(`packages/${name}/src/index.ts`);

// 3. Time comes through Clock, chance through Rng; their Node implementations and the client's defaults are the exceptions.
const EXCEPTIONS = /^packages\/(core\/src\/node\/system-clock\.ts|mlflow-js-client\/)/;
for (const file of product.filter((each) => each.startsWith("packages/") && !EXCEPTIONS.test(each))) {
  const match = withoutComments(read(file)).match(/Math\.random\b|Date\.now\b|new Date\(\)/);
  if (match) problems.push(`${file}: uses ${match[0]}; take time from Clock and chance from Rng`);
}

// 4. Every error code is on its page, and no other.
const documented = new Set(
  [...read("docs/errors.md").matchAll(/^\| `([a-z]+\/[a-z-]+)`/gm)].map(([, code]) => code),
);
const used = new Set();
for (const file of product.filter(
  (each) => !/^packages\/(mlflow-js-client|plots|tfjs-backend-blas)\//.test(each),
)) {
  for (const [, code] of read(file).matchAll(/"((?:[a-z]+)\/(?:[a-z]+(?:-[a-z]+)*))"/g)) {
    if (new RegExp(`code: "${code}"|code = "${code}"|\\("${code}",`).test(read(file))) used.add(code);
  }
}
for (const code of used)
  if (!documented.has(code)) problems.push(`docs/errors.md: the code "${code}" is missing`);
for (const code of documented) {
  if (!product.some((file) => read(file).includes(`"${code}"`)))
    problems.push(`docs/errors.md: no code "${code}" exists`);
}

// 5. What a plugin's manifest names is there, as a source that is built to that file.
for (const file of folders.map((folder) => `${folder}/package.json`)) {
  for (const files of Object.values(JSON.parse(read(file)).isthmus?.provides ?? {})) {
    for (const [name, built] of Object.entries(files)) {
      const source = join(dirname(file), built.replace("./dist/", "src/").replace(/\.js$/, ".ts"));
      if (!existsSync(join(root, source)))
        problems.push(`${file}: "${name}" is to be in ${relative(".", source)}, which does not exist`);
    }
  }
}

// 6. A plugin's own version is its package's (`npm run version` writes it).
for (const folder of folders) {
  const { version, isthmus } = JSON.parse(read(`${folder}/package.json`));
  if (isthmus === undefined) continue;
  const definitions = sources.filter(
    (file) => file.startsWith(`${folder}/src/`) && !file.endsWith(".test.ts"),
  );
  const stated = definitions
    .map(
      (file) =>
        read(file).match(/export default definePlugin\(\{\s*name: "[^"]+",\s*version: "([^"]+)"/)?.[1],
    )
    .filter((each) => each !== undefined);
  if (stated.join() !== version)
    problems.push(`${folder}: package.json has version ${version}, its plugin ${stated.join() || "none"}`);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) console.error(`${problems.length} house rules broken`);
process.exit(problems.length > 0 ? 1 : 0);
