import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  fusionManifest,
  fusionPlugin,
  fusionSource,
  type TempPackage,
  type TempProject,
  tempProject,
} from "../../test/temp-project.js";
import type { FusionInput } from "../contracts/fusion.js";
import { type IsthmusError, isIsthmusError } from "../errors/isthmus-error.js";
import { packageSource, readPackageJson } from "../node/package-source.js";
import { PluginHost } from "./plugin-host.js";

let project: TempProject;

beforeEach(async () => {
  project = await tempProject();
});

afterEach(() => project.remove());

/** A host of packages written to disk. */
async function hostOf(...packages: readonly TempPackage[]): Promise<PluginHost> {
  const sources = packages.map(async (plugin) => {
    const directory = await project.install(plugin);
    return packageSource(directory, (await readPackageJson(directory)) ?? {});
  });
  return new PluginHost(await Promise.all(sources));
}

/** The error that something fails with; fails where it does not. */
async function errorOf(action: () => unknown): Promise<IsthmusError> {
  try {
    await action();
  } catch (error) {
    if (isIsthmusError(error)) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** A plugin with one fusion method `xyz` whose entry is `code`. */
function withEntry(code: string, packageJson: TempPackage["packageJson"] = {}): TempPackage {
  return {
    name: "broken",
    packageJson: { isthmus: fusionManifest("xyz"), ...packageJson },
    files: { "dist/index.js": code },
  };
}

const imported = () => (globalThis as { importedPlugins?: string[] }).importedPlugins ?? [];

describe("a host of sound plugins", () => {
  it("lists what manifests promise, without importing anything", async () => {
    const host = await hostOf(fusionPlugin("lazy-a", "b", "a"), fusionPlugin("lazy-b", "c"));
    expect(host.names("fusion")).toEqual(["a", "b", "c"]);
    expect(host.names("dataset")).toEqual([]);
    expect(host.has("fusion", "c")).toBe(true);
    expect(host.has("fusion", "toString")).toBe(false);
    expect(host.list()).toEqual([
      {
        name: "lazy-a",
        version: "1.0.0",
        origin: `${project.dir}/node_modules/lazy-a`,
        provides: [
          { kind: "fusion", name: "b" },
          { kind: "fusion", name: "a" },
        ],
      },
      expect.objectContaining({ name: "lazy-b", provides: [{ kind: "fusion", name: "c" }] }),
    ]);
    expect(host.origin("fusion", "c")).toEqual({
      plugin: "lazy-b",
      version: "1.0.0",
      file: `${project.dir}/node_modules/lazy-b/dist/index.js`,
    });
    expect(imported()).not.toContain("lazy-a");
    expect(imported()).not.toContain("lazy-b");
  });

  it("imports only the plugin whose contribution is used", async () => {
    const host = await hostOf(fusionPlugin("used", "a"), fusionPlugin("unused", "b"));
    const method = await host.resolve("fusion", "a");
    expect(method.meta.name).toBe("a");
    expect(imported()).toContain("used");
    expect(imported()).not.toContain("unused");
  });

  it("makes a contribution once, however often and at once it is asked for", async () => {
    const host = await hostOf(
      withEntry(`
        let made = 0;
        export default { name: "broken", version: "1.0.0", setup: (registry) =>
          registry.add("fusion", "xyz", () => ({ ...${fusionSource("xyz")}, made: ++made })) };
      `),
    );
    const [first, second] = await Promise.all([host.resolve("fusion", "xyz"), host.resolve("fusion", "xyz")]);
    expect(first).toBe(second);
    expect(await host.resolve("fusion", "xyz")).toMatchObject({ made: 1 });
  });

  it("has nothing to report", async () => {
    const host = await hostOf(fusionPlugin("sound-a", "a"), fusionPlugin("sound-b", "b"));
    expect(await host.verify()).toEqual([]);
  });

  it("shares no contribution with another host of the same plugins", async () => {
    const plugin = fusionPlugin("shared", "a");
    const one = await hostOf(plugin);
    const two = await hostOf(plugin);
    const empty = await hostOf();
    expect(await one.resolve("fusion", "a")).not.toBe(await two.resolve("fusion", "a"));
    expect((await errorOf(() => empty.resolve("fusion", "a"))).code).toBe("plugin/unknown-name");
  });
});

describe("a broken plugin", () => {
  const cases: [title: string, plugin: TempPackage, code: string, says: string[]][] = [
    [
      "without a manifest",
      withEntry("", { isthmus: undefined }),
      "plugin/manifest-invalid",
      ['no "isthmus" field'],
    ],
    [
      "with an unknown kind in its manifest",
      withEntry("", { isthmus: { apiVersion: 1, provides: { fusions: {} } } }),
      "plugin/manifest-invalid",
      ["provides.fusions", 'Did you mean "fusion"?'],
    ],
    [
      "whose manifest names a file outside the package",
      withEntry("", { isthmus: { apiVersion: 1, provides: { fusion: { xyz: "./dist/../../x.js" } } } }),
      "plugin/manifest-invalid",
      ["provides.fusion.xyz", "file of the package"],
    ],
    [
      "for a later contract",
      withEntry("", { isthmus: { apiVersion: 2, provides: { fusion: { xyz: "./dist/index.js" } } } }),
      "plugin/api-version",
      ["version 2", "npm install @isthmus/core@latest"],
    ],
    [
      "for a later contract with another shape of manifest",
      withEntry("", { isthmus: { apiVersion: 2, gives: [] } }),
      "plugin/api-version",
      ["version 2"],
    ],
    [
      "for an earlier contract",
      withEntry("", { isthmus: { apiVersion: 0, provides: { fusion: { xyz: "./dist/index.js" } } } }),
      "plugin/api-version",
      ["npm install broken@latest"],
    ],
    [
      "that was not built",
      { name: "broken", packageJson: { isthmus: fusionManifest("xyz") } },
      "plugin/missing-file",
      ["dist/index.js does not exist", "build"],
    ],
    [
      "without a main entry",
      withEntry("", { exports: { "./other": "./dist/index.js" } }),
      "plugin/import-failed",
      ["no main entry"],
    ],
    [
      "that throws on import",
      withEntry(`throw new Error("out of luck");`),
      "plugin/import-failed",
      ["out of luck", "npm install broken"],
    ],
    [
      "without a default export",
      withEntry("export const a = 1;"),
      "plugin/no-default-export",
      ["no default export"],
    ],
    [
      "that exports something else by default",
      withEntry(`export default { name: "broken", version: "1.0.0" };`),
      "plugin/no-default-export",
      ["not a plugin", "definePlugin"],
    ],
    [
      "with another name than its package",
      withEntry(`export default { name: "other", version: "1.0.0", setup() {} };`),
      "plugin/wrong-identity",
      ['"other" 1.0.0'],
    ],
    [
      "with another version than its package",
      withEntry(`export default { name: "broken", version: "0.9.0", setup() {} };`),
      "plugin/wrong-identity",
      ['"broken" 0.9.0'],
    ],
    [
      "whose setup throws",
      withEntry(
        `export default { name: "broken", version: "1.0.0", setup() { throw new Error("no luck"); } };`,
      ),
      "plugin/setup-failed",
      ["no luck"],
    ],
    [
      "whose setup rejects",
      withEntry(
        `export default { name: "broken", version: "1.0.0", async setup() { throw new Error("no luck"); } };`,
      ),
      "plugin/setup-failed",
      ["no luck"],
    ],
    [
      "that registers less than its manifest says",
      withEntry(`export default { name: "broken", version: "1.0.0", setup() {} };`),
      "plugin/setup-mismatch",
      ["fusion/xyz is in the manifest but not registered"],
    ],
    [
      "that registers more than its manifest says",
      withEntry(`export default { name: "broken", version: "1.0.0", setup(registry) {
        registry.add("fusion", "xyz", () => ({}));
        registry.add("fusion", "abc", () => ({}));
      } };`),
      "plugin/setup-mismatch",
      ["fusion/abc is registered but not in the manifest"],
    ],
    [
      "that registers a name twice",
      withEntry(`export default { name: "broken", version: "1.0.0", setup(registry) {
        registry.add("fusion", "xyz", () => ({}));
        registry.add("fusion", "xyz", () => ({}));
      } };`),
      "plugin/setup-mismatch",
      ["fusion/xyz is registered twice"],
    ],
    [
      "whose factory throws",
      withEntry(`export default { name: "broken", version: "1.0.0", setup(registry) {
        registry.add("fusion", "xyz", () => { throw new Error("no wheels"); });
      } };`),
      "plugin/contribution-failed",
      ["no wheels"],
    ],
    [
      "whose contribution lacks its function",
      withEntry(`export default { name: "broken", version: "1.0.0", setup(registry) {
        registry.add("fusion", "xyz", () => ({ ...${fusionSource("xyz")}, fuse: 1 }));
      } };`),
      "plugin/contribution-invalid",
      ["lacks fuse()"],
    ],
    [
      "whose contribution has no options",
      withEntry(`export default { name: "broken", version: "1.0.0", setup(registry) {
        registry.add("fusion", "xyz", () => ({ ...${fusionSource("xyz")}, options: {} }));
      } };`),
      "plugin/contribution-invalid",
      ["options"],
    ],
    [
      "whose contribution has another name than it is registered under",
      withEntry(`export default { name: "broken", version: "1.0.0", setup(registry) {
        registry.add("fusion", "xyz", () => (${fusionSource("abc")}));
      } };`),
      "plugin/contribution-invalid",
      ['calls itself "abc"'],
    ],
    [
      "whose factory is asynchronous",
      withEntry(`export default { name: "broken", version: "1.0.0", setup(registry) {
        registry.add("fusion", "xyz", async () => (${fusionSource("xyz")}));
      } };`),
      "plugin/contribution-invalid",
      ["promise"],
    ],
  ];

  it.each(cases)(
    "%s is reported with code, place and advice, and harms no other",
    async (_, plugin, code, says) => {
      const host = await hostOf(plugin, fusionPlugin("sound", "good"));
      expect((await host.resolve("fusion", "good")).meta.name).toBe("good");
      expect(await host.verify()).toEqual([{ plugin: "broken", error: expect.objectContaining({ code }) }]);
      const [{ error } = { error: undefined }] = await host.verify();
      expect(error?.message).toContain("broken");
      expect(error?.hint).toBeTruthy();
      for (const text of says) expect(`${error?.message} ${error?.hint}`).toContain(text);
      if (host.has("fusion", "xyz")) {
        expect(await errorOf(() => host.resolve("fusion", "xyz"))).toBe(error);
      } else {
        const { code, hint } = await errorOf(() => host.resolve("fusion", "xyz"));
        expect(code).toBe("plugin/unknown-name");
        expect(hint).toContain(error?.message);
      }
    },
  );

  it("keeps the thrown error as cause", async () => {
    const host = await hostOf(withEntry(`throw new TypeError("out of luck");`));
    const { cause } = await errorOf(() => host.resolve("fusion", "xyz"));
    expect(cause).toMatchObject({ name: "TypeError", message: "out of luck" });
  });

  it("is listed with its problem as soon as that is known", async () => {
    const host = await hostOf(withEntry("export {};"));
    expect(host.list()[0]?.problem).toBeUndefined();
    await host.verify();
    expect(host.list()[0]?.problem?.code).toBe("plugin/no-default-export");
  });
});

describe("a name", () => {
  it("that two plugins provide cannot be used, while their other names can", async () => {
    const host = await hostOf(fusionPlugin("one", "same", "a"), fusionPlugin("two", "same", "b"));
    const error = await errorOf(() => host.resolve("fusion", "same"));
    expect(error.code).toBe("plugin/duplicate-name");
    expect(error.message).toMatch(/"one".*"two"/);
    expect((await host.resolve("fusion", "a")).meta.name).toBe("a");
    expect((await host.resolve("fusion", "b")).meta.name).toBe("b");
    expect(host.list().map(({ problem }) => problem?.code)).toEqual([
      "plugin/duplicate-name",
      "plugin/duplicate-name",
    ]);
    expect((await host.verify()).map(({ plugin }) => plugin)).toEqual(["one", "two"]);
  });

  it("is not taken away by a plugin that this core cannot run", async () => {
    const old = fusionPlugin("old", "same");
    const host = await hostOf(
      { ...old, packageJson: { isthmus: { ...fusionManifest("same"), apiVersion: 99 } } },
      fusionPlugin("current", "same"),
    );
    expect(host.origin("fusion", "same").plugin).toBe("current");
    expect((await host.resolve("fusion", "same")).meta.name).toBe("same");
  });

  it("that nobody provides is answered with the nearest one and the list of all", async () => {
    const host = await hostOf(fusionPlugin("some", "average", "ot"));
    const error = await errorOf(() => host.resolve("fusion", "avrage"));
    expect(error.code).toBe("plugin/unknown-name");
    expect(error.message).toBe('There is no fusion method named "avrage".');
    expect(error.hint).toContain('Did you mean "average"? Available: average, ot.');
    expect(error.hint).toContain("npm install");
    expect((await errorOf(() => host.origin("dataset", "mnist"))).hint).toContain("Available: none.");
  });
});

describe("options", () => {
  it("get their defaults", async () => {
    const host = await hostOf(fusionPlugin("with-options", "a"));
    expect(await host.checkOptions("fusion", "a", undefined)).toEqual({ share: 0.5 });
    expect(await host.checkOptions("fusion", "a", { share: 0.25 })).toEqual({ share: 0.25 });
    expect(await host.optionsSchema("fusion", "a")).toMatchObject({
      properties: { share: { default: 0.5 } },
    });
  });

  it("that are wrong are an error that names each place", async () => {
    const host = await hostOf(fusionPlugin("with-options", "a"));
    const error = await errorOf(() => host.checkOptions("fusion", "a", { share: "x" }));
    expect(error.code).toBe("options/invalid");
    expect(error.message).toBe('The options of fusion method "a" are wrong:\n  share: expected a number');
    expect(error.hint).toBe("Its options: share.");
    expect(await host.readOptions("fusion", "a", { share: "x" })).toEqual({
      problems: [{ path: ["share"], message: "expected a number" }],
    });
  });

  it("that a schema resolves to something JSON cannot hold are the plugin's fault", async () => {
    const host = await hostOf(fusionPlugin("with-options", "a"));
    const error = await errorOf(() => host.checkOptions("fusion", "a", { share: Number.POSITIVE_INFINITY }));
    expect(error.code).toBe("plugin/contribution-invalid");
    expect(error.message).toContain("share is Infinity");
  });
});

it("a contribution is what its plugin made: nothing is added to it", async () => {
  const host = await hostOf(fusionPlugin("plain", "a"));
  const method = await host.resolve("fusion", "a");
  expect(Object.keys(method).sort()).toEqual(["fuse", "meta", "options"]);
  const input = { weight: 1 } as FusionInput;
  expect(await method.fuse([input], {}, {} as never)).toBe(input);
});
