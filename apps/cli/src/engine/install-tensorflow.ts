import { readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { IsthmusError } from "@isthmus/core";
import { enginePlatform, hasNvidiaDriver, makeFolder } from "@isthmus/core/node";
import { compileAddon, shownCompile } from "./compile-addon.js";
import { getWheel } from "./get-wheel.js";
import { formatBytes, type Installation, type Stage, type Work } from "./installation.js";
import { writeManifest } from "./manifest.js";
import { commandLine, lastLine, runTool, saysDiskFull, ToolFailed } from "./run-tool.js";
import { findCompiler, findNpm, findPython } from "./tools.js";
import { shownDownload } from "./wheel-file.js";
import { CUDA, TENSORFLOW_CPU, TENSORFLOW_CUDA, type Wheel } from "./wheels.js";

/** Version of tfjs-node: the one that core's TensorFlow.js belongs to. */
const TFJS_NODE = "4.22.0";
const NODE_HEADERS = "node-api-headers@1.9.0";

/** What of a TensorFlow wheel is needed: the two libraries, and the C headers with those that they include. */
const NEEDED = [
  "tensorflow/libtensorflow_",
  "tensorflow/include/tensorflow/c/",
  "tensorflow/include/tensorflow/core/platform/ctstring",
  "tensorflow/include/tensorflow/tsl/c/",
  "tensorflow/include/tensorflow/tsl/platform/ctstring",
  "tensorflow/include/tsl/platform/ctstring",
  "tensorflow/include/xla/tsl/c/",
];

/** Links by which the addon and the libraries find each other, with what each points to. */
const LINKS = {
  "libtensorflow.so": "libtensorflow_cc.so.2",
  "libtensorflow.so.2": "libtensorflow_cc.so.2",
  "libtensorflow_framework.so": "libtensorflow_framework.so.2",
} as const;

/** What an engine is put together of. */
export interface TensorflowFlavor {
  /** The npm package, without its version. */
  readonly npm: string;
  readonly tensorflow: Wheel;
  readonly cuda: readonly Wheel[];
  /** Bytes that everything takes once it is unpacked. */
  readonly unpacked: number;
}

const FLAVORS: Readonly<Record<"node" | "gpu", TensorflowFlavor>> = {
  node: {
    npm: "@tensorflow/tfjs-node",
    tensorflow: TENSORFLOW_CPU,
    cuda: [],
    unpacked: 900e6,
  },
  gpu: {
    npm: "@tensorflow/tfjs-node-gpu",
    tensorflow: TENSORFLOW_CUDA,
    cuda: CUDA,
    unpacked: 5.5e9,
  },
};

const npmArguments = (npm: string, folder: string) => [
  "install",
  ...["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"],
  `${npm}@${TFJS_NODE}`,
  NODE_HEADERS,
];

/** The JavaScript part, without the install script that would download the rest from elsewhere. */
async function installPackage(
  npm: string,
  { target }: Stage,
  { progress, ...options }: Work,
): Promise<string> {
  progress.line(`Installing ${npm} ${TFJS_NODE} without its install script`);
  await writeFile(join(target, "package.json"), '{ "private": true }\n'); // npm would go up to a project's otherwise
  try {
    await runTool("npm", npmArguments(npm, target), { ...options, cwd: target });
  } catch (error) {
    if (!(error instanceof ToolFailed) || saysDiskFull(error.output)) throw error;
    const [, said = lastLine(error.output)] =
      /^npm (?:error|ERR!) (?!code|errno|syscall|A complete log)(\S.*)$/m.exec(error.output) ?? [];
    throw new IsthmusError({
      code: "engine/download-failed",
      message: `npm could not install ${npm} ${TFJS_NODE}: ${said}.`,
      hint: "Check the network and npm's settings (npm config list): a registry or proxy that npm knows is used.",
      cause: error,
    });
  }
  await removeSourceMaps(join(target, "node_modules"));
  return join(target, "node_modules", npm);
}

/** Source maps are two thirds of what npm installs, and of no use here. */
async function removeSourceMaps(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name.endsWith(".js.map")) await rm(join(entry.parentPath, entry.name));
  }
}

/** Without a driver nothing that is downloaded would be of use. */
function checkDriver(): void {
  if (hasNvidiaDriver()) return;
  throw new IsthmusError({
    code: "engine/no-gpu",
    message: "No NVIDIA driver is loaded on this machine; nothing was downloaded.",
    hint: "Install the driver (525 or newer) and look at nvidia-smi. Without a GPU: isthmus engine install blas",
  });
}

/** Puts libraries and headers where the addon looks for them. */
async function arrangeLibraries(unpacked: string, deps: string): Promise<void> {
  makeFolder(join(deps, "lib"));
  for (const name of new Set(Object.values(LINKS)))
    await rename(join(unpacked, "tensorflow", name), join(deps, "lib", name));
  for (const [link, name] of Object.entries(LINKS)) await symlink(name, join(deps, "lib", link));
  await rename(join(unpacked, "tensorflow", "include"), join(deps, "include"));
}

/** libtensorflow and the addon of tfjs-node, put together here: its own installer needs a host that not everybody reaches. */
export function tensorflowInstallation(
  engine: "node" | "gpu",
  platform: string = enginePlatform(),
  flavor: TensorflowFlavor = FLAVORS[engine],
): Installation {
  const { npm, tensorflow, cuda, unpacked } = flavor;
  if (platform !== "linux-x64")
    throw new IsthmusError({
      code: "engine/platform",
      message: `The backend ${engine} can be put together on Linux x64 with glibc; this is ${platform}.`,
      hint: `Where ${npm} has a build for this machine: npm install ${npm}@${TFJS_NODE}. Else, as fast on a processor: isthmus engine install blas`,
    });
  const wheels = [tensorflow, ...cuda];
  const version = `${TFJS_NODE}-tf${tensorflow.version}`;
  const downloads = wheels.reduce((sum, { bytes }) => sum + bytes, 0) + 60e6;
  return {
    engine,
    library: `libtensorflow ${tensorflow.version}`,
    version,
    downloads,
    room: unpacked + Math.max(...wheels.map(({ bytes }) => 2 * bytes)),
    check: async (options) => {
      if (cuda.length > 0) checkDriver();
      await Promise.all([findPython(options), findNpm(options), findCompiler(options)]);
    },
    plan: (target) => [
      `${commandLine("npm", npmArguments(npm, target))}   # about 60 MB`,
      ...wheels.flatMap((wheel) => [
        `${shownDownload("python3", wheel)}   # ${formatBytes(wheel.bytes)}`,
        `check that its SHA-256 is ${wheel.sha256}`,
      ]),
      `unpack the libraries${cuda.length > 0 ? " of TensorFlow and CUDA" : ""} and the C headers into ${target}`,
      shownCompile(join(target, "node_modules", npm)),
    ],
    build: async (stage, work) => {
      const [python, compiler] = await Promise.all([findPython(work), findCompiler(work)]);
      const home = await installPackage(npm, stage, work);
      const unpackedTo = join(stage.temp, "tensorflow");
      await getWheel(python, tensorflow, [...NEEDED], unpackedTo, stage, work);
      const deps = join(home, "deps");
      await arrangeLibraries(unpackedTo, deps);
      for (const wheel of cuda) {
        const part = wheel.project.replace(/^nvidia-|-cu12$/g, "").replaceAll("-", "_");
        await getWheel(python, wheel, [`nvidia/${part}/lib/`], deps, stage, work);
      }
      work.progress.line("Compiling the addon");
      const addon = await compileAddon(compiler, home, join(stage.target, "node_modules"), work);
      const inPackage = (path: string) => `node_modules/${npm}/${path}`;
      await writeManifest(stage.target, {
        engine,
        version,
        platform,
        entry: inPackage("dist/index.js"),
        paths: [
          inPackage("dist/index.js"),
          inPackage(addon),
          ...[...new Set(Object.values(LINKS))].map((name) => inPackage(`deps/lib/${name}`)),
        ],
      });
    },
  };
}
