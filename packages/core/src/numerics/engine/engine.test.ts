import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Rng } from "../rng.js";
import { BACKENDS } from "./backends.js";
import { engine, probeBackends, useBackend } from "./engine.js";
import { tf } from "./tf.js";

/** A · B by the definition, in double precision; `rows × inner`, `inner × columns` after the transposes. */
function product(a: number[][], b: number[][]): number[][] {
  return a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
}
const transposed = (m: number[][]): number[][] => m[0].map((_, j) => m.map((row) => row[j]));
const random = (rows: number, columns: number, label: string): number[][] => {
  const rng = Rng.seed(1).fork(label);
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => rng.uniform() - 0.5));
};

describe("the repaired wasm product", () => {
  const flags = [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const;

  it.each(flags)(
    "agrees with the definition to 1e-5 (transposeA %s, transposeB %s), and leaves nothing behind",
    async (ta, tb) => {
      await useBackend("wasm");
      const before = tf.memory();
      const buffers = () => (tf.backend() as unknown as { numDataIds(): number }).numDataIds();
      const buffersBefore = buffers();
      for (const [m, k, n] of [
        [1, 1, 1],
        [3, 5, 2],
        [17, 33, 9],
        [64, 128, 40],
        [8, 20, 50],
      ]) {
        const a = random(m, k, `a${m}`);
        const b = random(k, n, `b${n}`);
        const result = tf.tidy(() =>
          tf
            .matMul(tf.tensor2d(ta ? transposed(a) : a), tf.tensor2d(tb ? transposed(b) : b), ta, tb)
            .dataSync(),
        );
        product(a, b)
          .flat()
          .forEach((value, i) => {
            expect(Math.abs(result[i] - value)).toBeLessThan(1e-5);
          });
      }
      expect(tf.memory().numTensors).toBe(before.numTensors);
      expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
      expect(buffers()).toBe(buffersBefore); // made inside a kernel: counted by the backend alone
    },
  );

  it.each(flags)(
    "works on batches and inside the fused product (transposeA %s, transposeB %s)",
    async (ta, tb) => {
      await useBackend("wasm");
      const a = [random(4, 6, "batch a0"), random(4, 6, "batch a1")];
      const b = [random(6, 3, "batch b0"), random(6, 3, "batch b1")];
      const batched = tf.tidy(() =>
        tf
          .matMul(tf.tensor3d(ta ? a.map(transposed) : a), tf.tensor3d(tb ? b.map(transposed) : b), ta, tb)
          .dataSync(),
      );
      const expected = a.flatMap((each, i) => product(each, b[i]).flat());
      expected.forEach((value, i) => {
        expect(Math.abs(batched[i] - value)).toBeLessThan(1e-5);
      });
      const fused = tf.tidy(() =>
        tf.fused
          .matMul({
            a: tf.tensor2d(ta ? transposed(a[0]) : a[0]),
            b: tf.tensor2d(tb ? transposed(b[0]) : b[0]),
            transposeA: ta,
            transposeB: tb,
            bias: tf.tensor1d([0.1, -0.2, 0.3]),
            activation: "relu",
          })
          .dataSync(),
      );
      product(a[0], b[0]).forEach((row, i) => {
        row.forEach((value, j) => {
          expect(Math.abs(fused[i * 3 + j] - Math.max(0, value + [0.1, -0.2, 0.3][j]))).toBeLessThan(1e-5);
        });
      });
    },
  );

  it("works on batches with so many rows in the transposed operand that the operands swap", async () => {
    await useBackend("wasm");
    const a = [random(4, 5, "wide a0"), random(4, 5, "wide a1")];
    const b = [random(20, 5, "tall b0"), random(20, 5, "tall b1")];
    const result = tf.tidy(() => tf.matMul(tf.tensor3d(a), tf.tensor3d(b), false, true).dataSync());
    const expected = a.flatMap((each, i) => product(each, transposed(b[i])).flat());
    expect(result).toHaveLength(expected.length);
    expected.forEach((value, i) => {
      expect(Math.abs(result[i] - value)).toBeLessThan(1e-5);
    });
  });
});

describe("choosing a backend", () => {
  let cache: string;
  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), "isthmus-engine-"));
    vi.stubEnv("ISTHMUS_CACHE_DIR", cache);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(cache, { recursive: true });
  });
  afterEach(async () => {
    await useBackend("wasm");
  });

  it("refuses an unknown name with the nearest one", async () => {
    await expect(useBackend("wsam")).rejects.toMatchObject({
      code: "engine/unknown-backend",
      hint: expect.stringContaining('Did you mean "wasm"?'),
    });
  });

  it("auto takes the first that loads and says why the better ones don't", async () => {
    const probed = await probeBackends();
    expect(probed.map(({ name }) => name)).toEqual(["gpu", "blas", "node", "wasm", "cpu"]);
    const status = await useBackend("auto");
    const available = probed
      .filter(({ problem, slow }) => problem === undefined && slow === undefined)
      .map(({ name }) => name);
    expect(status.backend).toBe(available[0]);
    const better = probed.slice(
      0,
      probed.findIndex(({ name }) => name === status.backend),
    );
    for (const { name, problem, slow } of better)
      expect(status.reason).toContain(`${name}: ${problem ?? slow}`);
  });

  it("a machine that has only WebAssembly is told what to install, in the same line", async () => {
    const withoutBlas = vi
      .spyOn(BACKENDS[1], "activate")
      .mockRejectedValue(new Error("no BLAS library found"));
    const withoutNode = vi.spyOn(BACKENDS[2], "activate").mockRejectedValue(new Error("Cannot find package"));
    const { backend, reason } = await useBackend("auto");
    expect(backend).toBe("wasm");
    expect(reason).toMatch(
      /^the best that loads here; gpu: .*; blas: no BLAS library found; node: not installed; /,
    );
    expect(reason).toContain("npx isthmus engine install blas");
    expect(reason).not.toContain("\n");
    withoutBlas.mockRestore();
    withoutNode.mockRestore();
  });

  it("auto passes over a library that is slower than WebAssembly, by name it can be had", async () => {
    const slow = vi.spyOn(BACKENDS[1], "activate").mockImplementation(async () => {
      await tf.setBackend("cpu");
      return { threads: 1, library: "a BLAS without a name", slow: "only a plain BLAS is here" };
    });
    const { backend, reason } = await useBackend("auto");
    expect(backend).not.toBe("blas");
    expect(reason).toContain("blas: only a plain BLAS is here");
    const named = await useBackend("blas");
    expect(named).toMatchObject({ backend: "blas", library: "a BLAS without a name" });
    expect(named.version).toBe(`tfjs ${tf.version_core}, a BLAS without a name`);
    slow.mockRestore();
  });

  it("names the BLAS library and its version, once for people and once for keys, and keeps to its threads", async () => {
    const status = await useBackend("blas").catch(() => undefined);
    if (status === undefined) return; // this machine has none
    expect(status.library).toMatch(
      /^(OpenBLAS|MKL) \d+\.\d+|^Accelerate of Darwin \d+|^a BLAS without a name$/,
    );
    expect(status.version).toBe(`tfjs ${tf.version_core}, ${status.library}`);
    expect((await useBackend("blas", { threads: 1 })).threads).toBe(1);
    expect(tf.getBackend()).toBe("blas");
  });

  it("is chosen once for all who ask at the same time", async () => {
    const state = globalThis as { [key: symbol]: unknown };
    delete state[Symbol.for("isthmus.engine")]; // as in a new process
    const [one, other] = await Promise.all([engine(), engine()]);
    expect(other).toBe(one);
    expect(await engine()).toBe(one);
  });

  it("leaves it to the processes that this one starts how many threads libtensorflow has there", async () => {
    vi.stubEnv("TF_NUM_INTRAOP_THREADS", undefined);
    await probeBackends();
    expect(process.env.TF_NUM_INTRAOP_THREADS).toBeUndefined();
    vi.unstubAllEnvs();
  });

  it("is remembered, and probing restores it", async () => {
    await useBackend("cpu");
    await probeBackends();
    expect((await engine()).backend).toBe("cpu");
    expect(tf.getBackend()).toBe("cpu");
  });
});
