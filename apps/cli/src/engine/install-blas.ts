import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { IsthmusError } from "@isthmus/core";
import { enginePlatform } from "@isthmus/core/node";
import { getWheel } from "./get-wheel.js";
import { formatBytes, type Installation } from "./installation.js";
import { writeManifest } from "./manifest.js";
import { findPython } from "./tools.js";
import { shownDownload } from "./wheel-file.js";
import { OPENBLAS, type Wheel } from "./wheels.js";

/** Folder of the library in its wheel. */
const LIBRARY = "scipy_openblas32/lib";

/** OpenBLAS, out of the Python package `scipy-openblas32`. */
export function blasInstallation(
  platform: string = enginePlatform(),
  wheels: Readonly<Record<string, Wheel>> = OPENBLAS,
): Installation {
  const wheel = wheels[platform];
  if (wheel === undefined)
    throw new IsthmusError({
      code: "engine/platform",
      message: `There is no OpenBLAS to install for ${platform}.`,
      hint: "Install one with the system's package manager or conda; it is found by itself, or name its file in BLAS_LIBRARY.",
    });
  return {
    engine: "blas",
    library: `OpenBLAS ${wheel.version}`,
    version: wheel.version,
    downloads: wheel.bytes,
    room: 7 * wheel.bytes,
    check: async (options) => void (await findPython(options)),
    plan: (target) => [
      `${shownDownload("python3", wheel)}   # ${formatBytes(wheel.bytes)}`,
      `check that its SHA-256 is ${wheel.sha256}`,
      `unpack the library into ${target}`,
    ],
    build: async (stage, work) => {
      const python = await findPython(work);
      const prefixes = [`${LIBRARY}/libscipy_openblas`, `${LIBRARY}/scipy_openblas`];
      await getWheel(python, wheel, prefixes, stage.target, stage, work);
      const names = await readdir(join(stage.target, LIBRARY));
      const library = names.find((name) => /\.(so|dll)$/.test(name));
      const entry = `${LIBRARY}/${library}`;
      await writeManifest(stage.target, {
        engine: "blas",
        version: wheel.version,
        platform,
        entry,
        paths: [entry],
      });
    },
  };
}
