import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A package to be written into a temporary project. */
export interface TempPackage {
  readonly name: string;
  /** Merged over a sound plugin's package.json; `undefined` removes a field. */
  readonly packageJson?: Readonly<Record<string, unknown>>;
  /** Files by path; `dist/index.js` is the entry. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A project in a temporary directory. */
export interface TempProject {
  readonly dir: string;
  write(path: string, content: string | object): Promise<void>;
  /** Writes a package into `folder`, by default `node_modules/<name>`; gives its directory. */
  install(plugin: TempPackage, folder?: string): Promise<string>;
  remove(): Promise<void>;
}

/** Makes an empty project with a package.json that depends on `dependencies`. */
export async function tempProject(dependencies: readonly string[] = []): Promise<TempProject> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "isthmus-test-")));
  const write = async (path: string, content: string | object) => {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), typeof content === "string" ? content : JSON.stringify(content));
  };
  await write("package.json", {
    name: "project",
    dependencies: Object.fromEntries(dependencies.map((name) => [name, "*"])),
  });
  return {
    dir,
    write,
    install: async (plugin, folder = `node_modules/${plugin.name}`) => {
      const sound = {
        name: plugin.name,
        version: "1.0.0",
        type: "module",
        keywords: ["isthmus-plugin"],
        exports: { ".": { default: "./dist/index.js" } },
      };
      await write(`${folder}/package.json`, { ...sound, ...plugin.packageJson });
      for (const [path, content] of Object.entries(plugin.files ?? {}))
        await write(`${folder}/${path}`, content);
      return join(dir, folder);
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Source text of a fusion method whose options are `{ share: number, default 0.5 }`, by a schema of its own. */
export function fusionSource(name: string): string {
  return `{
    meta: { name: ${JSON.stringify(name)}, title: "", description: "", needs: ["weights"], laws: { identity: "exact" } },
    options: {
      safeParse: (input) => typeof (input.share ?? 0.5) === "number"
        ? { success: true, data: { share: input.share ?? 0.5 } }
        : { success: false, error: { issues: [{ path: ["share"], message: "expected a number" }] } },
      jsonSchema: { type: "object", properties: { share: { type: "number", default: 0.5 } } },
    },
    fuse: async ([first]) => first,
  }`;
}

/** The `isthmus` field of a plugin that provides fusion methods. */
export function fusionManifest(...names: readonly string[]): object {
  return {
    apiVersion: 1,
    provides: { fusion: Object.fromEntries(names.map((name) => [name, "./dist/index.js"])) },
  };
}

/** A sound plugin package that provides fusion methods; its import is noted under `globalThis.importedPlugins`. */
export function fusionPlugin(name: string, ...methods: readonly string[]): TempPackage {
  const calls = methods.map(
    (method) => `registry.add("fusion", "${method}", () => (${fusionSource(method)}));`,
  );
  return {
    name,
    packageJson: { isthmus: fusionManifest(...methods) },
    files: {
      "dist/index.js": `
        (globalThis.importedPlugins ??= []).push("${name}");
        export default { name: "${name}", version: "1.0.0", setup(registry) { ${calls.join("\n")} } };
      `,
    },
  };
}
