import { mkdir, rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fusionPlugin, type TempProject, tempProject } from "../../test/temp-project.js";
import { PluginHost } from "../host/plugin-host.js";
import { discoverPlugins } from "./discovery.js";

let project: TempProject;

beforeEach(async () => {
  project = await tempProject(["plain", "plugin-a", "@scope/plugin-b", "not-installed"]);
  await project.install({ ...fusionPlugin("plain"), packageJson: { keywords: ["other"] } });
  await project.install(fusionPlugin("plugin-a", "a"));
  await project.install(fusionPlugin("@scope/plugin-b", "b"));
  await project.install(fusionPlugin("indirect", "c"));
});

afterEach(() => project.remove());

const names = async (dir = project.dir) => (await discoverPlugins(dir)).map(({ name }) => name);

describe("without a config file", () => {
  it("plugins are the installed direct dependencies that carry the keyword", async () => {
    expect(await names()).toEqual(["plugin-a", "@scope/plugin-b"]);
  });

  it("development and optional dependencies count too, each once", async () => {
    await project.write("package.json", {
      dependencies: { "plugin-a": "*" },
      devDependencies: { indirect: "*", "plugin-a": "*" },
      optionalDependencies: { "@scope/plugin-b": "*" },
    });
    expect(await names()).toEqual(["plugin-a", "indirect", "@scope/plugin-b"]);
  });

  it("a package may lie in the node_modules of a directory above", async () => {
    await project.write("apps/one/package.json", { dependencies: { "plugin-a": "*" } });
    await project.install(fusionPlugin("plugin-a", "nearer"), "apps/two/node_modules/plugin-a");
    await project.write("apps/two/package.json", { dependencies: { "plugin-a": "*" } });
    const [above] = await discoverPlugins(join(project.dir, "apps/one"));
    const [nearer] = await discoverPlugins(join(project.dir, "apps/two"));
    expect(above?.origin).toBe(join(project.dir, "node_modules/plugin-a"));
    expect(nearer?.origin).toBe(join(project.dir, "apps/two/node_modules/plugin-a"));
  });

  it("a linked package is taken from where it really lies", async () => {
    await mkdir(join(project.dir, "packages"));
    await rename(join(project.dir, "node_modules/plugin-a"), join(project.dir, "packages/plugin-a"));
    await symlink(join(project.dir, "packages/plugin-a"), join(project.dir, "node_modules/plugin-a"));
    const [linked] = await discoverPlugins(project.dir);
    expect(linked?.file("./dist/index.js")).toBe(join(project.dir, "packages/plugin-a/dist/index.js"));
  });

  it("a dependency with a garbled package.json is listed as broken", async () => {
    await project.write("node_modules/plain/package.json", "{ no");
    const host = new PluginHost(await discoverPlugins(project.dir));
    expect(host.list().map(({ name, problem }) => [name, problem?.code])).toEqual([
      ["plain", "plugin/manifest-invalid"],
      ["plugin-a", undefined],
      ["@scope/plugin-b", undefined],
    ]);
  });

  it("a directory without a package.json has none", async () => {
    await mkdir(join(project.dir, "bare"));
    expect(await names(join(project.dir, "bare"))).toEqual([]);
  });
});

describe("with plugins in the config file", () => {
  it("they are these and no others, by name or by path, in this order", async () => {
    await project.install(fusionPlugin("local", "d"), "my-plugin");
    await project.write("isthmus.config.yaml", 'plugins: ["./my-plugin", indirect, "@scope/plugin-b"]');
    const host = new PluginHost(await discoverPlugins(project.dir));
    expect(host.list().map(({ name }) => name)).toEqual(["local", "indirect", "@scope/plugin-b"]);
    expect(host.names("fusion")).toEqual(["b", "c", "d"]);
    expect((await host.resolve("fusion", "d")).meta.name).toBe("d");
    expect(await host.verify()).toEqual([]);
  });

  it("the project itself may be one", async () => {
    await project.install(fusionPlugin("local", "d"), ".");
    await project.write("isthmus.config.yaml", 'plugins: ["."]');
    expect((await discoverPlugins(project.dir))[0]?.origin).toBe(project.dir);
  });

  it("a package that hides its package.json is found all the same", async () => {
    await project.write("isthmus.config.json", { plugins: ["plugin-a"] });
    const [source] = await discoverPlugins(project.dir);
    expect(source).toMatchObject({ name: "plugin-a", version: "1.0.0" });
    await expect(source?.load()).resolves.toMatchObject({ default: { name: "plugin-a" } });
  });

  it("a missing one is listed as broken, with the command that installs it", async () => {
    await project.write("isthmus.config.yaml", 'plugins: [plugin-a, not-there, "./nor-here"]');
    const host = new PluginHost(await discoverPlugins(project.dir));
    const [sound, missing, path] = host.list();
    expect(sound?.problem).toBeUndefined();
    expect(missing).toMatchObject({ name: "not-there", problem: { code: "plugin/not-found" } });
    expect(missing?.problem?.hint).toContain("npm install not-there");
    expect(missing?.problem?.message).toContain("isthmus.config.yaml");
    expect(path?.problem?.message).toContain(join(project.dir, "nor-here"));
    expect((await host.resolve("fusion", "a")).meta.name).toBe("a");
    await expect(host.resolve("fusion", "z")).rejects.toMatchObject({
      code: "plugin/unknown-name",
      hint: expect.stringContaining("not-there"),
    });
  });

  it("an empty list means none", async () => {
    await project.write("isthmus.config.yaml", "plugins: []");
    expect(await names()).toEqual([]);
  });

  it("anything but a list of names is an error", async () => {
    await project.write("isthmus.config.yaml", "plugins: plugin-a");
    await expect(names()).rejects.toMatchObject({ code: "config/invalid" });
  });

  it("a package without a version is broken", async () => {
    await project.write("bare/package.json", { name: "bare" });
    await project.write("isthmus.config.yaml", 'plugins: ["./bare"]');
    const [source] = await discoverPlugins(project.dir);
    expect(source).toMatchObject({ name: "bare", problem: { code: "plugin/manifest-invalid" } });
  });
});
