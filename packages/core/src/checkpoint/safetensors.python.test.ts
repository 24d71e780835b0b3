import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Params } from "../contracts/params.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";

const run = promisify(execFile);
const PACKAGES = ["safetensors==0.5.3", "numpy"];

/** A folder with the reference implementation, installed once per Python version; rejects where that is impossible. */
async function referencePackages(): Promise<string> {
  const { stdout } = await run("python3", ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]);
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "isthmus-test");
  const folder = join(cache, `python${stdout.trim()}-safetensors`);
  const check = () =>
    run("python3", ["-c", "import safetensors.numpy"], { env: { ...process.env, PYTHONPATH: folder } });
  try {
    await check();
  } catch {
    await mkdir(cache, { recursive: true });
    const fresh = await mkdtemp(`${folder}-`);
    await run("python3", [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--only-binary",
      ":all:",
      "--retries",
      "1",
      "--target",
      fresh,
      ...PACKAGES,
    ]);
    await rename(fresh, folder).catch(() => rm(fresh, { recursive: true }));
    await check();
  }
  return folder;
}

const packages = await referencePackages().catch((error: Error) => {
  process.stderr.write(`Skipped: no Python with pip for the reference implementation. ${error.message}\n`);
  return undefined;
});

describe.skipIf(packages === undefined)("beside the reference implementation in Python", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "isthmus-safetensors-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function python(script: string): Promise<string> {
    const env = { ...process.env, PYTHONPATH: packages };
    return (await run("python3", ["-c", script], { cwd: folder, env })).stdout;
  }

  it("our files are read there with the same names, shapes, bits and metadata", async () => {
    const bits = Uint32Array.of(0x7fc12345, 0x80000000, 0x3f800000, 0xff800000, 1, 0x42280000);
    const tensors: Params = new Map([
      ["9.weight", { shape: [2, 3], data: new Float32Array(bits.buffer) }],
      ["10", { shape: [], data: Float32Array.of(0.5) }],
      ["leer/é", { shape: [0, 4], data: new Float32Array(0) }],
    ]);
    await writeFile(join(folder, "ours.safetensors"), writeSafetensors(tensors, { who: 'uns "selbst"' }));
    const output = await python(`
import json
from safetensors import safe_open
with safe_open("ours.safetensors", framework="np") as f:
    read = {k: f.get_tensor(k) for k in f.keys()}
    print(json.dumps([f.metadata(), {k: [str(v.dtype), list(v.shape), v.view("uint32").reshape(-1).tolist() if v.size else []] for k, v in read.items()}]))
`);
    expect(JSON.parse(output)).toEqual([
      { who: 'uns "selbst"' },
      {
        "9.weight": ["float32", [2, 3], [...bits]],
        "10": ["float32", [], [0x3f000000]],
        "leer/é": ["float32", [0, 4], []],
      },
    ]);
  });

  it("its files are read here, every dtype as its own conversion to float32 says", async () => {
    const output = await python(`
import json
import numpy as np
from safetensors.numpy import save_file
r = np.random.default_rng(1)
tensors = {t: r.integers(0, 256, 64 * np.dtype(t).itemsize, dtype=np.uint8).view(t).reshape(4, 16)
           for t in ["float16", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]}
tensors["float32"] = r.standard_normal((3, 2, 2)).astype("float32")
tensors["float64"] = r.standard_normal((5,)) * 1e30
tensors["bool"] = np.array([True, False, True])
tensors["halves"] = np.arange(65536).astype("uint16").view("float16")
tensors["scalar"] = np.array(2.5, dtype="float32")
tensors["empty"] = np.zeros((2, 0), dtype="float32")
save_file(tensors, "theirs.safetensors", metadata={"by": "numpy"})
def bits(v):
    with np.errstate(invalid="ignore"):
        return ["NaN" if x != x else x.view("uint32").item() for x in v.astype("float32").reshape(-1)]
print(json.dumps({k: [list(v.shape), bits(v)] for k, v in tensors.items()}))
`);
    const read = readSafetensors(await readFile(join(folder, "theirs.safetensors")), "theirs.safetensors");
    expect(read.metadata).toEqual({ by: "numpy" });
    const ours = [...read.tensors].map(([name, { shape, data }]) => {
      const bits = [...new Uint32Array(data.buffer)];
      return [name, [shape, bits.map((value, i) => (Number.isNaN(data[i]) ? "NaN" : value))]];
    });
    expect(Object.fromEntries(ours)).toEqual(JSON.parse(output));
  });
});
