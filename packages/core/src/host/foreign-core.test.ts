import { cp, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fusionManifest, type TempProject, tempProject } from "../../test/temp-project.js";
import { IsthmusError, isIsthmusError } from "../errors/isthmus-error.js";
import { packageSource, readPackageJson } from "../node/package-source.js";
import { PluginHost } from "./plugin-host.js";

const PLUGIN = `
  import { z } from "zod";
  import { defineFusion } from "../core/contracts/fusion.js";
  import { definePlugin } from "../core/contracts/plugin.js";
  import { IsthmusError } from "../core/errors/isthmus-error.js";
  export const Foreign = { IsthmusError, ZodNumber: z.ZodNumber };
  const foreign = defineFusion({
    meta: { name: "foreign", title: "", description: "", needs: ["weights"], laws: { identity: "none" } },
    options: z.strictObject({ strength: z.number().min(0).default(1) }),
    fuse: async () => { throw new IsthmusError({ code: "fusion/refused", message: "no", hint: "never" }); },
  });
  export default definePlugin({
    name: "foreign", version: "1.0.0",
    setup: (registry) => registry.add("fusion", "foreign", () => foreign),
  });
`;

let project: TempProject;
let directory: string;

/** Writes a plugin with its own transpiled copy of core's files and its own copy of zod. */
beforeAll(async () => {
  project = await tempProject();
  directory = await project.install({
    name: "foreign",
    packageJson: { isthmus: fusionManifest("foreign") },
    files: { "dist/index.js": PLUGIN },
  });
  const files = ["contracts/fusion", "contracts/options", "contracts/plugin", "errors/isthmus-error"];
  for (const file of files) {
    const source = await readFile(new URL(`../${file}.ts`, import.meta.url), "utf8");
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        verbatimModuleSyntax: true,
      },
    });
    await project.write(`node_modules/foreign/core/${file}.js`, outputText);
  }
  const zod = dirname(createRequire(import.meta.url).resolve("zod/package.json"));
  await cp(zod, join(directory, "node_modules/zod"), {
    recursive: true,
    filter: (path) => !/\.(c?ts|cjs|md|map)$|\/src(\/|$)/.test(path),
  });
});

afterAll(() => project.remove());

describe("a plugin with its own copies of core and zod", () => {
  it("is resolved, with its options", async () => {
    const host = new PluginHost([packageSource(directory, (await readPackageJson(directory)) ?? {})]);
    expect(await host.verify()).toEqual([]);
    expect(await host.checkOptions("fusion", "foreign", {})).toEqual({ strength: 1 });
    expect(await host.readOptions("fusion", "foreign", { strenght: 2 })).toEqual({
      problems: [{ path: ["strenght"], message: 'unknown key "strenght"', hint: 'Did you mean "strength"?' }],
    });
  });

  it("throws errors that are recognized, though their class is another", async () => {
    const source = packageSource(directory, (await readPackageJson(directory)) ?? {});
    const method = await new PluginHost([source]).resolve("fusion", "foreign");
    const { Foreign } = (await source.load()) as { Foreign: Record<"IsthmusError" | "ZodNumber", unknown> };
    const { ZodNumber } = await import("zod");
    expect(Foreign.IsthmusError).not.toBe(IsthmusError);
    expect(Foreign.ZodNumber).not.toBe(ZodNumber);
    const error: unknown = await method.fuse([], {}, {} as never).catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(IsthmusError);
    expect(isIsthmusError(error)).toBe(true);
    expect(error).toMatchObject({ code: "fusion/refused", hint: "never" });
  });
});
