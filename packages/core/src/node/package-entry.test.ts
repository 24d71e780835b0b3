import { execFile } from "node:child_process";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TempProject, tempProject } from "../../test/temp-project.js";
import { packageEntry } from "./package-entry.js";

const PACKAGES: readonly { exports?: unknown; main?: unknown }[] = [
  { exports: "./a.js" },
  { exports: { ".": "./a.js", "./b": "./b.js" } },
  { exports: { types: "./a.d.ts", import: "./a.js", default: "./b.js" } },
  { exports: { require: "./b.js", default: "./a.js" } },
  {
    exports: { ".": { types: "./a.d.ts", node: { require: "./b.js", import: "./a.js" }, default: "./b.js" } },
  },
  { exports: { ".": { browser: "./b.js", default: { import: "./a.js" } } } },
  { exports: { ".": [{ unknown: "./b.js" }, "./a.js"] } },
  { main: "a.js" },
  { main: "./a.js", exports: null },
  {},
];

let project: TempProject;

beforeAll(async () => {
  project = await tempProject();
  const files = { "a.js": "", "b.js": "", "index.js": "" };
  for (const [index, packageJson] of PACKAGES.entries()) {
    await project.install({ name: `p${index}`, packageJson: { exports: undefined, ...packageJson }, files });
  }
});

afterAll(() => project.remove());

it("is the file that Node itself imports", async () => {
  const script = `console.log(JSON.stringify([${PACKAGES.map((_, index) => `import.meta.resolve("p${index}")`)}]))`;
  await project.write("resolve.mjs", script);
  const { stdout } = await promisify(execFile)(process.execPath, ["resolve.mjs"], { cwd: project.dir });
  const resolved = (JSON.parse(stdout) as string[]).map((url, index) =>
    relative(`${project.dir}/node_modules/p${index}`, fileURLToPath(url)),
  );
  expect(PACKAGES.map((packageJson) => packageEntry(packageJson)?.replace(/^\.\//, ""))).toEqual(resolved);
});

it("is undefined where the package has no main entry to import", () => {
  expect(packageEntry({ exports: { "./b": "./b.js" } })).toBeUndefined();
  expect(packageEntry({ exports: { ".": { browser: "./b.js" } } })).toBeUndefined();
});
