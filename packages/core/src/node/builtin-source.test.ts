import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import builtin from "../builtin.js";
import { PluginHost } from "../host/plugin-host.js";
import { builtinSource } from "./builtin-source.js";

const packageJson = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));

it("core is a plugin under its own name and version", () => {
  expect([builtin.name, builtin.version]).toEqual([packageJson.name, packageJson.version]);
});

it("what core brings is what its manifest says, and all of it can be made", async () => {
  const source = await builtinSource();
  const host = new PluginHost(source ? [source] : []);
  const provides = Object.entries<object>(packageJson.isthmus?.provides ?? {});
  for (const [kind, files] of provides) {
    for (const name of Object.keys(files)) {
      expect(await host.resolve(kind as "step", name)).toBeTypeOf("object");
    }
  }
  expect(host.list().length).toBe(provides.length > 0 ? 1 : 0);
});
