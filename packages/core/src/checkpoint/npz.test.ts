import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { writeNpz } from "./npz.js";

const python = process.env.ISTHMUS_PYTHON ?? "python3";

describe("npz files", () => {
  const bits = Uint32Array.of(0x7fc12345, 0x80000000, 0x3f800000, 0xff800000, 1, 0x42280000);
  const arrays = {
    "line/test_loss": { shape: [2, 3], data: new Float32Array(bits.buffer) },
    t: { shape: [5], data: Float32Array.of(0, 0.25, 0.5, 0.75, 1) },
    one: { shape: [], data: Float32Array.of(0.1) },
    none: { shape: [0, 4], data: new Float32Array(0) },
  };

  it("are opened by NumPy with the same names, shapes and bits", ({ skip }) => {
    const { status } = spawnSync(python, ["-c", "import numpy"]);
    skip(status !== 0, `${python} has no numpy: set ISTHMUS_PYTHON to one that has`);
    const folder = mkdtempSync(join(tmpdir(), "isthmus-npz-"));
    try {
      const file = join(folder, "arrays.npz");
      writeFileSync(file, writeNpz(arrays));
      const script = `
import json, sys, numpy as np
z = np.load(sys.argv[1])
print(json.dumps({k: [str(z[k].dtype), list(z[k].shape), z[k].reshape(-1).view("uint32").tolist()] for k in z.files}))`;
      const read = JSON.parse(execFileSync(python, ["-c", script, file], { encoding: "utf8" }));
      expect(read).toEqual({
        "line/test_loss": ["float32", [2, 3], [...bits]],
        t: ["float32", [5], [...new Uint32Array(arrays.t.data.buffer)]],
        one: ["float32", [], [0x3dcccccd]],
        none: ["float32", [0, 4], []],
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("are the same bytes for the same arrays, and have the values from a multiple of 64 bytes on", () => {
    const bytes = writeNpz(arrays);
    expect(Buffer.compare(bytes, writeNpz(structuredClone(arrays)))).toBe(0);
    for (const [name, file] of Object.entries(unzipSync(bytes))) {
      const values = arrays[name.replace(/\.npy$/, "") as keyof typeof arrays].data.byteLength;
      expect((file.length - values) % 64).toBe(0);
    }
  });

  it("refuse values that a shape has no room for", () => {
    expect(() => writeNpz({ x: { shape: [2, 2], data: new Float32Array(3) } })).toThrow(RangeError);
  });
});
