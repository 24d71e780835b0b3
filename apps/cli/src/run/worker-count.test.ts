import { describe, expect, it } from "vitest";
import { thisMachine, workerCount } from "./worker-count.js";

const GiB = 2 ** 30;
const machine = { cores: 8, memory: 64 * GiB };
const wasm = { asked: undefined, backend: "wasm", threads: 1 };

describe("number of workers", () => {
  it("is cores ÷ threads per step, rounded down", () => {
    expect(workerCount(wasm, machine).workers).toBe(8);
    expect(workerCount({ ...wasm, threads: 3 }, machine).workers).toBe(2);
    expect(workerCount(wasm, { ...machine, cores: 1 })).toEqual({ workers: 1, remark: undefined });
  });

  it("is what was asked for, and said", () => {
    expect(workerCount({ ...wasm, asked: 3, threads: 2 }, machine)).toEqual({
      workers: 3,
      remark: "3 workers, 2 threads each.",
    });
    expect(workerCount({ ...wasm, asked: 1 }, machine)).toEqual({ workers: 1, remark: undefined });
  });

  it("is one on a GPU, unless more are asked for", () => {
    expect(workerCount({ ...wasm, backend: "gpu" }, machine).workers).toBe(1);
    expect(workerCount({ ...wasm, backend: "gpu", asked: 2 }, machine).workers).toBe(2);
  });

  it("takes no more cores than there are: one too many is refused, with the number that fits", () => {
    expect(workerCount({ ...wasm, asked: 4, threads: 2 }, machine).workers).toBe(4);
    const refused = (asked: number | undefined, threads: number) => () =>
      workerCount({ ...wasm, asked, threads }, machine);
    expect(refused(5, 2)).toThrow(
      expect.objectContaining({
        code: "cli/too-many-workers",
        message: "5 workers with 2 threads each would take more than the 8 cores of this machine.",
        hint: expect.stringContaining("at most 4 with --workers"),
      }),
    );
    expect(refused(undefined, 9)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("at most 8 with --threads") }),
    );
  });

  it("is bounded by memory, which is said, but never less than one", () => {
    const small = { cores: 8, memory: 2 * GiB };
    for (const asked of [undefined, 8]) {
      expect(workerCount({ ...wasm, asked }, small)).toEqual({
        workers: 2,
        remark: "2 workers instead of 8: 2048 MiB of memory are free, and one may take 768.",
      });
    }
    expect(workerCount({ ...wasm, asked: 2 }, small).remark).toBe("2 workers, 1 thread each.");
    expect(workerCount(wasm, { cores: 2, memory: 1 }).workers).toBe(1);
  });

  it("knows this machine", () => {
    const { cores, memory } = thisMachine();
    expect(cores).toBeGreaterThanOrEqual(1);
    expect(memory).toBeGreaterThan(0);
  });
});
