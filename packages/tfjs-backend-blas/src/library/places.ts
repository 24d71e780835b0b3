import { existsSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";

/** Where to look for a library. */
export interface Place {
  /** What kind of place it is, in words. */
  readonly foundIn: string;
  /** Files, or names known to the system's loader, in the order to try them. */
  readonly files: readonly string[];
}

/** What is asked of the machine; another one in tests. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** This machine. */
export const thisMachine = (): Surroundings => ({
  platform: process.platform,
  arch: process.arch,
  env: process.env,
  home: homedir(),
});

const ACCELERATE = "/System/Library/Frameworks/Accelerate.framework/Accelerate";

/** Names of library files worth a try, those likely to be best first. */
const KNOWN = [
  /^(lib)?scipy_openblas(?!64)[^/]*\.(so|dylib|dll)[.\d]*$/,
  /^(lib)?openblas(?!64)(p|o)?[^/]*\.(so|dylib|dll)[.\d]*$/,
  /^(lib)?mkl_rt[.\d]*\.(so|dylib|dll)[.\d]*$/,
  /^(lib)?(scipy_)?openblas64[^/]*\.(so|dylib|dll)[.\d]*$/,
  /^(lib)?blas\.(so|dylib|dll)[.\d]*$/,
];

/** The known libraries directly in a folder. */
export function librariesIn(folder: string, known: readonly RegExp[] = KNOWN): string[] {
  const names = list(folder).sort();
  return known.flatMap((pattern) =>
    names.filter((name) => pattern.test(name)).map((name) => join(folder, name)),
  );
}

/** Every place, in the order of trying: what was asked for, then the fastest usual ones, plain BLAS last. */
export function placesToLook(paths: readonly string[], machine: Surroundings = thisMachine()): Place[] {
  const { env, platform } = machine;
  const conda = env.CONDA_PREFIX;
  const places: Place[] = paths.map((path) => ({
    foundIn: "given path",
    files: isFolder(path) ? orItself(path) : [path],
  }));
  const chosen = env.BLAS_LIBRARY;
  if (chosen !== undefined && chosen !== "")
    places.push({ foundIn: "BLAS_LIBRARY", files: isFolder(chosen) ? orItself(chosen) : [chosen] });
  if (platform === "darwin") places.push({ foundIn: "system", files: [ACCELERATE] });
  if (conda !== undefined && conda !== "") {
    const folder = platform === "win32" ? join(conda, "Library", "bin") : join(conda, "lib");
    places.push({ foundIn: "conda", files: librariesIn(folder) });
  }
  places.push({
    foundIn: "MKL",
    files: mklFolders(machine).flatMap((folder) => librariesIn(folder, [KNOWN[2]!])),
  });
  places.push({ foundIn: "system", files: systemFiles(machine) });
  places.push(...wheels(machine));
  if (platform === "linux") places.push({ foundIn: "system", files: ["libblas.so.3", "libcblas.so.3"] });
  return places;
}

/** A folder without a known library is named itself, so that the list of refusals shows it. */
const orItself = (folder: string): string[] => {
  const found = librariesIn(folder);
  return found.length > 0 ? found : [folder];
};

function mklFolders({ env, platform }: Surroundings): string[] {
  const roots = [env.MKLROOT, "/opt/intel/oneapi/mkl/latest", "/opt/intel/mkl"].filter(
    (root) => root !== undefined && root !== "",
  ) as string[];
  const folders = roots.flatMap((root) =>
    platform === "win32" ? [join(root, "bin")] : [join(root, "lib", "intel64"), join(root, "lib")],
  );
  if (env.VIRTUAL_ENV) folders.push(join(env.VIRTUAL_ENV, platform === "win32" ? "Library/bin" : "lib"));
  if (platform === "linux") folders.push("/usr/lib/x86_64-linux-gnu");
  return folders;
}

function systemFiles({ platform, arch }: Surroundings): string[] {
  if (platform === "win32") return ["libopenblas.dll", "openblas.dll"];
  if (platform !== "linux") return [];
  const triplet = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" }[arch] ?? `${arch}-linux-gnu`;
  const folders = [
    `/usr/lib/${triplet}/openblas-pthread`,
    `/usr/lib/${triplet}`,
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/lib",
    "/opt/OpenBLAS/lib",
  ];
  const names = ["libopenblas.so.0", "libopenblasp.so.0", "libopenblas.so"];
  return [
    ...folders
      .flatMap((folder) => names.map((name) => join(folder, name)))
      .filter((file) => existsSync(file)),
    ...names.filter((name) => name !== "libopenblasp.so.0"),
  ];
}

/** OpenBLAS inside Python packages, found by their files: Python itself is not run. */
function wheels({ env, platform, home }: Surroundings): Place[] {
  const prefixes = [env.VIRTUAL_ENV, env.CONDA_PREFIX];
  for (const folder of (env.PATH ?? "").split(platform === "win32" ? ";" : delimiter)) {
    const python = platform === "win32" ? "python.exe" : "python3";
    if (folder !== "" && existsSync(join(folder, python)))
      prefixes.push(platform === "win32" ? folder : dirname(folder));
  }
  prefixes.push(join(home, ".local"), "/usr", "/usr/local");
  const sites = new Set<string>();
  for (const prefix of new Set(prefixes)) {
    if (prefix === undefined || prefix === "") continue;
    for (const site of sitePackages(prefix, platform)) sites.add(site);
  }
  return [...sites].flatMap((site) =>
    ["scipy_openblas32/lib", "scipy.libs", "numpy.libs", "scipy/.dylibs", "numpy/.dylibs"].map((folder) => ({
      foundIn: `python wheel ${folder.replace(/\/lib$|\.libs$|\/\.dylibs$/, "")}`,
      files: librariesIn(join(site, folder)),
    })),
  );
}

function sitePackages(prefix: string, platform: NodeJS.Platform): string[] {
  if (platform === "win32") return [join(prefix, "Lib", "site-packages")];
  const lib = join(prefix, "lib");
  const versions = list(lib).filter((name) => /^python3(\.\d+)?$/.test(name));
  return versions
    .sort((a, b) => b.localeCompare(a, "en", { numeric: true }))
    .flatMap((name) => [join(lib, name, "site-packages"), join(lib, name, "dist-packages")]);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => basename(name));
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
