import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileCodeDigest } from "./code-digest.js";

let root: string;

const PLUGIN: Readonly<Record<string, string>> = {
  "dist/ot.js":
    'import { emd } from "./solvers/emd.js";\nexport { shared } from "./shared.js";\nimport "zod";\n',
  "dist/average.js": "import { shared } from './shared.js';\nexport const average = shared;\n",
  "dist/solvers/emd.js":
    'import {\n  a,\n  b,\n} from "../deep/inner.js";\nimport "../ot.js";\nexport const emd = a + b;\n',
  "dist/deep/inner.js": "export const later = () => import(`./lazy.js`);\n",
  "dist/deep/lazy.js": 'export default new URL("./worker.js", import.meta.url);\n',
  "dist/deep/worker.js": "postMessage(1);\n",
  "dist/shared.js":
    '/** Not there: import "./gone.js" */\nexport const shared = 1;\n//# sourceMappingURL=shared.js.map\n',
  "dist/unused.js": "export const unused = 1;\n",
  "numerics/rng.js": "export const rng = 1;\n",
  "numerics/engine/engine.js": "export const engine = 1;\n",
  "numerics/engine/engine.js.map": "{}",
};

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-code-"));
  for (const [path, content] of Object.entries(PLUGIN)) await put(path, content);
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

function digester(folder = root): FileCodeDigest {
  const origin = (_kind: string, name: string) => ({
    plugin: "p",
    version: "1",
    file: join(folder, `dist/${name}.js`),
  });
  return new FileCodeDigest({ origin }, join(folder, "numerics"));
}

const digests = async (folder = root) => ({
  ot: await digester(folder).contribution("fusion", "ot"),
  average: await digester(folder).contribution("fusion", "average"),
  numerics: await digester(folder).numerics(),
});

/** What changes when a file does. */
async function touchedBy(path: string, content: string): Promise<readonly string[]> {
  const before: Record<string, string> = await digests();
  await put(path, content);
  const after: Record<string, string> = await digests();
  return Object.keys(after).filter((name) => before[name] !== after[name]);
}

describe("digests of code", () => {
  it.each([
    ["the file itself", "dist/ot.js", ["ot"]],
    ["an import", "dist/solvers/emd.js", ["ot"]],
    ["an import over several lines, of an import", "dist/deep/inner.js", ["ot"]],
    ["a dynamic import", "dist/deep/lazy.js", ["ot"]],
    ["a worker's file", "dist/deep/worker.js", ["ot"]],
    ["a file that both import", "dist/shared.js", ["ot", "average"]],
    ["a file that nobody imports", "dist/unused.js", []],
    ["a file of the numerics", "numerics/engine/engine.js", ["numerics"]],
    ["a source map", "numerics/engine/engine.js.map", []],
  ])("change with %s where it is used", async (_what, path, expected) => {
    expect(await touchedBy(path, `${PLUGIN[path]}export const more = 1;\n`)).toEqual(expected);
  });

  it("change with a new file of the numerics, but not with declarations", async () => {
    expect(await touchedBy("numerics/new.js", "")).toEqual(["numerics"]);
    expect(await touchedBy("numerics/new.d.ts", "")).toEqual([]);
  });

  it("change when code moves from one file to another of the same content", async () => {
    await put("dist/twin.js", PLUGIN["dist/shared.js"] as string);
    expect(
      await touchedBy(
        "dist/average.js",
        "import { shared } from './twin.js';\nexport const average = shared;\n",
      ),
    ).toEqual(["average"]);
  });

  it("don't change with the name of a source map", async () => {
    const renamed = (PLUGIN["dist/shared.js"] as string).replace("shared.js.map", "other.js.map");
    expect(await touchedBy("dist/shared.js", renamed)).toEqual([]);
  });

  it("don't depend on where the project lies", async () => {
    const copy = join(root, "copy");
    for (const folder of ["dist", "numerics"])
      await cp(join(root, folder), join(copy, folder), { recursive: true });
    expect(await digests(copy)).toEqual(await digests());
  });

  it("take a file as an address as well", async () => {
    const origin = () => ({ plugin: "p", version: "1", file: pathToFileURL(join(root, "dist/ot.js")).href });
    expect(await new FileCodeDigest({ origin }).contribution("fusion", "ot")).toBe((await digests()).ot);
  });

  it("are taken once per process", async () => {
    const digester = new FileCodeDigest({
      origin: () => ({ plugin: "p", version: "1", file: join(root, "dist/ot.js") }),
    });
    const before = await digester.contribution("fusion", "ot");
    await put("dist/ot.js", "");
    expect(await digester.contribution("fusion", "ot")).toBe(before);
  });

  it("name a contribution whose file is missing", async () => {
    await expect(digester().contribution("fusion", "none")).rejects.toMatchObject({
      code: "code/not-found",
      message: expect.stringContaining(join(root, "dist/none.js")),
    });
  });

  it("find core's own numerics", async () => {
    const origin = () => Promise.reject(new Error("unused"));
    expect(await new FileCodeDigest({ origin }).numerics()).toMatch(/^[0-9a-f]{64}$/);
  });
});
