import { readdir, readFile } from "node:fs/promises";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { ContributionKind } from "../contracts/plugin.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { sha256 } from "../numerics/sha256.js";
import { canonicalJson } from "../steps/exact-json.js";
import type { CodeDigest, StepHost } from "../steps/ports.js";
import { unlessMissing } from "./file-errors.js";

/** The folder of core's numerics: beside this one, built or not. */
const NUMERICS = fileURLToPath(new URL("../numerics", import.meta.url));

/** `from "./x.js"`, `import "./x.js"`, `import("./x.js")`, `new URL("./x.js", …)`. One in a comment adds a file at most. */
const RELATIVE_IMPORT = /\b(?:from|import|new\s+URL)\s*\(?\s*(["'`])(\.{1,2}\/[^"'`\n]*)\1/g;

/** Code as it counts: without the line that names its source map. */
function withoutSourceMap(code: string): string {
  return code.replace(/^\/\/# sourceMappingURL=.*$/gm, "").trimEnd();
}

/** Code of an imported file; where it runs unbuilt, `x.js` stands for `x.ts`. Undefined where there is no such file. */
async function readModule(file: string): Promise<{ file: string; code: string } | undefined> {
  for (const candidate of extname(file) === ".js" ? [file, `${file.slice(0, -3)}.ts`] : [file]) {
    const code = await unlessMissing(readFile(candidate, "utf8"));
    if (code !== undefined) return { file: candidate, code: withoutSourceMap(code) };
  }
  return undefined;
}

/** Names relative to `folder` and digests of what they hold, as one digest; the order of `modules` does not matter. */
async function digestModules(folder: string, modules: ReadonlyMap<string, string>): Promise<string> {
  const digests: Record<string, string> = {};
  for (const [file, code] of modules) {
    digests[relative(folder, file).split(sep).join("/")] = await sha256(code);
  }
  return sha256(canonicalJson(digests));
}

/** A module and everything it imports by relative paths, directly or not. */
async function moduleGraph(entry: string): Promise<ReadonlyMap<string, string>> {
  const modules = new Map<string, string>();
  const open = [entry];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const module = await readModule(next);
    if (module === undefined || modules.has(module.file)) continue;
    modules.set(module.file, module.code);
    for (const [, , path] of module.code.matchAll(RELATIVE_IMPORT)) {
      open.push(resolve(dirname(module.file), path as string));
    }
  }
  return modules;
}

async function folderModules(folder: string): Promise<ReadonlyMap<string, string>> {
  const modules = new Map<string, string>();
  for (const name of await readdir(folder, { recursive: true })) {
    if (!/\.[jt]s$/.test(name) || /\.(test|d)\.ts$/.test(name)) continue;
    const file = join(folder, name);
    modules.set(file, withoutSourceMap(await readFile(file, "utf8")));
  }
  return modules;
}

/**
 * Digests of code as it lies on disk: the file that holds a contribution and the files it names by relative paths, in static
 * imports, `import("./literal")` or `new URL("./worker.js", import.meta.url)`, transitively. Packages it imports are not
 * followed: core's numerics have their own digest, and other versions of anything else are provenance. Source maps don't
 * count. Each digest is taken once, as a process imports code once.
 */
export class FileCodeDigest implements CodeDigest {
  readonly #digests = new Map<string, Promise<string>>();

  /** `numericsFolder` is for tests; by default it is core's own. */
  constructor(
    private readonly host: Pick<StepHost, "origin">,
    private readonly numericsFolder: string = NUMERICS,
  ) {}

  contribution(kind: ContributionKind, name: string): Promise<string> {
    return this.#once(`${kind}/${name}`, async () => {
      const { file: place } = await this.host.origin(kind, name);
      const file = place.startsWith("file:") ? fileURLToPath(place) : place;
      const modules = await moduleGraph(file);
      if (modules.size === 0) {
        throw new IsthmusError({
          code: "code/not-found",
          message: `The file of the ${kind} "${name}" does not exist: ${file}.`,
          hint: "Build the plugin, or correct the path in its package.json.",
        });
      }
      return digestModules(dirname(file), modules);
    });
  }

  numerics(): Promise<string> {
    return this.#once("numerics", async () =>
      digestModules(this.numericsFolder, await folderModules(this.numericsFolder)),
    );
  }

  #once(id: string, compute: () => Promise<string>): Promise<string> {
    const digest = this.#digests.get(id) ?? compute();
    this.#digests.set(id, digest);
    return digest;
  }
}
