import { PLUGIN_API_VERSION, type PluginManifest } from "@isthmus/core";
import { expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };
import plugin from "./index.js";

it("registers what its manifest says, under the names of the contributions", () => {
  const { apiVersion, provides }: PluginManifest = manifest.isthmus;
  const registered: string[] = [];
  plugin.setup({
    add: (kind, name, factory) => {
      registered.push(`${kind} ${name} ${(factory() as { name: string }).name}`);
    },
  });
  const announced = Object.entries(provides).flatMap(([kind, names]) =>
    Object.keys(names).map((name) => `${kind} ${name} ${name}`),
  );
  expect(registered).toEqual(announced);
  expect(apiVersion).toBe(PLUGIN_API_VERSION);
  expect([plugin.name, plugin.version]).toEqual([manifest.name, manifest.version]);
});
