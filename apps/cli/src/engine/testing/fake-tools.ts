import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Wheel } from "../wheels.js";

/** What the fake pip does when it is asked for a package. */
export type PipBehavior =
  /** Hands out the wheel. */
  | "serve"
  | "fail"
  | "disk-full"
  /** Begins a file and never ends. */
  | "hang";

/** Programs in a folder of their own that stand for Python with pip, npm and a compiler. A wheel of theirs is a list of files in JSON. */
export interface FakeTools {
  /** A temporary folder; the cache is `cache` in it. */
  readonly dir: string;
  readonly cache: string;
  /** An environment in which there are no programs but these, and an own cache. */
  readonly env: NodeJS.ProcessEnv;
  /** Makes a wheel that pip serves, out of files and what they hold. */
  wheel(project: string, version: string, files: Readonly<Record<string, string>>): Promise<Wheel>;
  /** How pip goes on from now. */
  pip(behavior: PipBehavior): Promise<void>;
  /** Takes a program away. */
  remove(name: "python3" | "npm" | "c++"): Promise<void>;
  /** Every command that was run, with its arguments. */
  calls(): Promise<readonly (readonly string[])[]>;
  clean(): Promise<void>;
}

/** Common to the programs: where they are, and writing down that they ran. */
const COMMON = `
  const fs = require("node:fs"), path = require("node:path");
  const [, self, ...args] = process.argv;
  const dir = path.join(path.dirname(self), "..");
  fs.appendFileSync(path.join(dir, "calls"), JSON.stringify([path.basename(self), ...args]) + "\\n");
  if (args[0] === "--version") process.exit(0);
  const put = (root, files) => {
    for (const [file, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      fs.writeFileSync(path.join(root, file), content);
    }
  };
`;

const PYTHON = `${COMMON}
  if (args[0] === "-c") {
    const [, , file, folder, ...prefixes] = args;
    const files = Object.entries(JSON.parse(fs.readFileSync(file, "utf8")));
    put(folder, Object.fromEntries(files.filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix)))));
  } else if (args[2] === "download") {
    const behavior = fs.readFileSync(path.join(dir, "pip"), "utf8");
    const into = args[args.indexOf("--dest") + 1];
    const name = args.at(-1) + ".whl";
    if (behavior === "serve") fs.copyFileSync(path.join(dir, "wheels", name), path.join(into, name));
    if (behavior === "fail") { console.error("ERROR: Could not find a version\\nERROR: No matching distribution found"); process.exit(1); }
    if (behavior === "disk-full") { console.error("ERROR: Could not install packages: [Errno 28] No space left on device"); process.exit(1); }
    if (behavior === "hang") { fs.writeFileSync(path.join(process.env.TMPDIR, "part"), "half"); setInterval(() => {}, 1000); }
  }
`;

const NPM = `${COMMON}
  const into = path.join(args[args.indexOf("--prefix") + 1], "node_modules");
  const [name] = args.at(-2).split(/(?<=.)@/);
  put(into, { [name + "/dist/index.js"]: "main", [name + "/dist/index.js.map"]: "map", "node-api-headers/include/node_api.h": "" });
`;

const COMPILER = `${COMMON}
  if (fs.existsSync(path.join(dir, "broken"))) { console.error("tfjs_backend.cc:1: error: no such header"); process.exit(1); }
  for (const each of ["deps/lib/libtensorflow.so", "deps/include/tensorflow/c/c_api.h"]) fs.readFileSync(each);
  fs.writeFileSync(args[args.indexOf("-o") + 1], "addon");
`;

/** Makes the programs. They are scripts with a first line that names Node, so not for Windows. */
export async function fakeTools(): Promise<FakeTools> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "isthmus-tools-")));
  const cache = join(dir, "cache");
  const bin = join(dir, "bin");
  await mkdir(bin);
  await mkdir(join(dir, "wheels"));
  for (const [name, text] of Object.entries({ python3: PYTHON, npm: NPM, "c++": COMPILER })) {
    await writeFile(join(bin, name), `#!${process.execPath}\n${text}`);
    await chmod(join(bin, name), 0o755);
  }
  const pip = (behavior: PipBehavior) => writeFile(join(dir, "pip"), behavior);
  await pip("serve");
  const env = { PATH: [bin, join(dir, "nothing")].join(delimiter), HOME: dir, ISTHMUS_CACHE_DIR: cache };
  return {
    dir,
    cache,
    env,
    pip,
    wheel: async (project, version, files) => {
      const text = JSON.stringify(files);
      await writeFile(join(dir, "wheels", `${project}==${version}.whl`), text);
      const sha256 = createHash("sha256").update(text).digest("hex");
      return { project, version, options: ["--platform", "any"], bytes: text.length, sha256 };
    },
    remove: (name) => rm(join(bin, name)),
    calls: async () => {
      const text = await readFile(join(dir, "calls"), "utf8").catch(() => "");
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line));
    },
    // A program whose answer nobody waited for may still write its call.
    clean: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Makes the compiler fail from now on. */
export async function breakCompiler({ dir }: FakeTools): Promise<void> {
  await mkdir(dirname(join(dir, "broken")), { recursive: true });
  await writeFile(join(dir, "broken"), "");
}
