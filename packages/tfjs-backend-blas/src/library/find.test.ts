import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlasError } from "../error.js";
import { describeWithBlas, machineBlas } from "../testing/with-blas.js";
import { findBlas, findBlasOn } from "./find.js";
import type { NativeFunction, NativeLibrary, NativeLoader } from "./native.js";
import { openLibrary } from "./open.js";
import { placesToLook, type Surroundings } from "./places.js";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "blas-"));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** Makes empty files below the temporary folder; returns their paths. */
function files(...names: string[]): string[] {
  return names.map((name) => {
    const file = join(root, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "");
    return file;
  });
}

const machine = (env: Surroundings["env"] = {}, platform: NodeJS.Platform = "linux"): Surroundings => ({
  platform,
  arch: "x64",
  env,
  home: join(root, "home"),
});

/** A dot product as a library with integers of so many bits computes it. */
const dot =
  (bits: 32 | 64): NativeFunction =>
  (n, x, _incX, y) => {
    const count = Number(BigInt.asIntN(bits, n as bigint));
    let sum = 0;
    for (let i = 0; i < count; i++) sum += (x as Float32Array)[i]! * (y as Float32Array)[i]!;
    return sum;
  };

/** A library made of JavaScript: its functions by name. */
function library(functions: Record<string, NativeFunction>, prefix = "", suffix = ""): NativeLibrary {
  return { find: (name) => functions[name.slice(prefix.length, name.length - suffix.length || undefined)] };
}

const BLAS = {
  cblas_sgemm: () => undefined,
  cblas_saxpy: () => undefined,
  cblas_sscal: () => undefined,
  cblas_sdot: dot(32),
};
let threads = 8;
const OPENBLAS = {
  ...BLAS,
  openblas_get_config: () => "OpenBLAS 0.3 DYNAMIC_ARCH",
  openblas_set_num_threads: (n: unknown) => {
    threads = Math.min(n as number, 4);
  },
  openblas_get_num_threads: () => threads,
};

/** A loader that knows these libraries by their paths, and can load nothing else. */
const loader =
  (known: Record<string, NativeLibrary>): NativeLoader =>
  (path) => {
    if (known[path] === undefined) throw new Error("no such file");
    return known[path];
  };

const refusalOf = (file: string, found: NativeLibrary): string => {
  try {
    findBlasOn(machine(), [file], loader({ [file]: found }));
  } catch (error) {
    if (error instanceof BlasError && error.code === "blas/not-found") return error.message;
    throw error;
  }
  return "nothing refused";
};

describe("findBlas", () => {
  it("takes the first library that works, in the order given path, BLAS_LIBRARY, conda, Python packages", () => {
    const [given, chosen, conda, wheel] = files(
      "given/libopenblas.so",
      "chosen.so",
      "conda/lib/libopenblas.so.0",
      "venv/lib/python3.11/site-packages/scipy_openblas32/lib/libscipy_openblas.so",
    ) as [string, string, string, string];
    const env = { BLAS_LIBRARY: chosen, CONDA_PREFIX: join(root, "conda"), VIRTUAL_ENV: join(root, "venv") };
    const known: Record<string, NativeLibrary> = Object.fromEntries(
      [given, chosen, conda, wheel].map((file) => [file, library(OPENBLAS)]),
    );
    const order: [string, string][] = [];
    for (let i = 0; i < 4; i++) {
      const { path, foundIn, name, config } = findBlasOn(machine(env), [join(root, "given")], loader(known));
      expect({ name, config }).toEqual({ name: "openblas", config: "OpenBLAS 0.3 DYNAMIC_ARCH" });
      order.push([path, foundIn]);
      delete known[path];
    }
    expect(order).toEqual([
      [given, "given path"],
      [chosen, "BLAS_LIBRARY"],
      [conda, "conda"],
      [wheel, "python wheel scipy_openblas32"],
    ]);
  });

  it("starts with one thread, and says how many the library really uses", () => {
    const [file] = files("threads/libopenblas.so") as [string];
    const found = findBlasOn(machine(), [file], loader({ [file]: library(OPENBLAS) }));
    expect(found.threads).toBe(1);
    expect(found.setThreads(3)).toBe(3);
    expect(found.setThreads(99)).toBe(4);
  });

  it("finds Python packages beside the python3 on the path and in the home folder", () => {
    const [beside, home] = files(
      "py/lib/python3.12/site-packages/scipy.libs/libscipy_openblas-6cdc3b4a.so",
      "home/.local/lib/python3.9/site-packages/scipy_openblas32/lib/libscipy_openblas.so",
    ) as [string, string];
    files("py/bin/python3");
    const places = placesToLook([], machine({ PATH: join(root, "py", "bin") }));
    const found = places.flatMap((place) => place.files);
    expect(found).toEqual(expect.arrayContaining([beside, home]));
  });

  it("asks for Accelerate on macOS and for DLLs on Windows", () => {
    const mac = placesToLook([], machine({}, "darwin")).flatMap((place) => place.files);
    expect(mac[0]).toBe("/System/Library/Frameworks/Accelerate.framework/Accelerate");
    expect(placesToLook([], machine({}, "win32")).flatMap((place) => place.files)).toContain(
      "libopenblas.dll",
    );
  });

  it("takes a plain BLAS last, with the one thread it has", () => {
    const found = findBlasOn(machine(), [], loader({ "libblas.so.3": library(BLAS) }));
    expect(found).toMatchObject({ name: "blas", path: "libblas.so.3", threads: 1 });
    expect(found.setThreads(4)).toBe(1);
  });

  it("lists every place with the reason why it was refused", () => {
    const [folder] = files("empty/readme.txt") as [string];
    expect(() => findBlasOn(machine(), [dirname(folder), "/nowhere/x.so"], loader({}))).toThrow(
      new RegExp(`${dirname(folder)} \\(given path\\): cannot be loaded.*\n- /nowhere/x.so \\(given path\\)`),
    );
  });
});

describe("a library with 64-bit integers is refused", () => {
  const [file] = ["/fake/libopenblas.so"] as const;

  it("by the names of its functions", () => {
    const named = library({ ...OPENBLAS, cblas_sdot: dot(64) }, "scipy_", "64_");
    const onlySuffixed: NativeLibrary = {
      find: (name, result, parameters) =>
        name.startsWith("scipy_") && name.endsWith("64_") ? named.find(name, result, parameters) : undefined,
    };
    expect(refusalOf(file, onlySuffixed)).toMatch(/64 bits: the function is called scipy_cblas_sgemm64_/);
  });

  it("by what it says of itself", () => {
    const honest = { ...OPENBLAS, openblas_get_config: () => "OpenBLAS 0.3.30 USE64BITINT DYNAMIC_ARCH" };
    expect(refusalOf(file, library(honest))).toMatch(/64 bits, as it says itself/);
  });

  it("by what it computes, should it say nothing", () => {
    expect(refusalOf(file, library({ ...BLAS, cblas_sdot: dot(64) }))).toMatch(/64 bits, as a call shows/);
  });

  it("and so is one without the functions, or that computes nonsense", () => {
    expect(refusalOf(file, library({}))).toMatch(/no function cblas_sgemm/);
    const { cblas_sscal: _, ...few } = BLAS;
    expect(refusalOf(file, library(few))).toMatch(/no function cblas_sscal/);
    expect(refusalOf(file, library({ ...BLAS, cblas_sdot: () => 5 }))).toMatch(/2 · 3 is 5/);
  });
});

describe("MKL", () => {
  const calls: string[] = [];
  const MKL = {
    ...BLAS,
    MKL_Set_Interface_Layer: (layer: unknown) => calls.push(`interface ${layer}`),
    MKL_Set_Threading_Layer: (layer: unknown) => calls.push(`threading ${layer}`),
    MKL_Set_Num_Threads: (n: unknown) => calls.push(`threads ${n}`),
    MKL_Get_Max_Threads: () => 1,
    cblas_sdot: (...args: Parameters<NativeFunction>) => {
      calls.push("dot");
      return dot(32)(...args);
    },
  };

  it("is refused where a part is missing, as it would end the process", () => {
    const [runtime] = files("broken/libmkl_rt.so.2") as [string];
    expect(refusalOf(runtime, library(MKL))).toMatch(/lacks its part mkl_core/);
    files("broken/libmkl_core.so.2", "broken/libmkl_intel_lp64.so.2");
    expect(refusalOf(runtime, library(MKL))).toMatch(/lacks both its threads/);
  });

  it("is told to use 32-bit integers before anything is called, and runs alone without OpenMP", () => {
    const [runtime] = files(
      "mkl/libmkl_rt.so.2",
      "mkl/libmkl_core.so.2",
      "mkl/libmkl_intel_lp64.so.2",
      "mkl/libmkl_sequential.so.2",
    ) as [string];
    calls.length = 0;
    expect(findBlasOn(machine(), [dirname(runtime)], loader({ [runtime]: library(MKL) })).name).toBe("mkl");
    expect(calls).toEqual(["threading 1", "interface 0", "dot", "threads 1"]);
  });
});

describeWithBlas("this machine's library", () => {
  it("is found again by its path", () => {
    const { path } = machineBlas as Exclude<typeof machineBlas, string>;
    expect(findBlas({ paths: [path] })).toMatchObject({ path, threads: 1 });
  });
});

const numpy = process.env.BLAS_LIBRARY_64;
describe.skipIf(numpy === undefined)("a real library with 64-bit integers (BLAS_LIBRARY_64)", () => {
  it("is loaded and refused", () => {
    expect(() => openLibrary(numpy!)).toThrow(/its integers have 64 bits/);
  });
});
