import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TempProject, tempProject } from "../../test/temp-project.js";

const ENTRY = `
  import { PluginHost } from ${JSON.stringify(fileURLToPath(new URL("../index.ts", import.meta.url)))};
  console.log(new PluginHost([]).names("fusion").length);
`;

let project: TempProject;

beforeAll(async () => {
  project = await tempProject();
  await project.write("entry.js", ENTRY);
  await build({
    root: project.dir,
    configFile: false,
    logLevel: "error",
    build: { lib: { entry: "entry.js", formats: ["es"], fileName: () => "bundle.mjs" } },
  });
});

afterAll(() => project.remove());

it("a bundle for browsers with the host in it loads: the polyfill comes before tsyringe", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(project.dir, "dist/bundle.mjs")]);
  expect(stdout.trim()).toBe("0");
});

it("it asks for no module of Node", async () => {
  expect(await readFile(join(project.dir, "dist/bundle.mjs"), "utf8")).not.toMatch(
    /["']node:|browser-external/,
  );
});
