import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it, vi } from "vitest";
import { describeWithBlas, machineBlas } from "../testing/with-blas.js";
import { BlasBackend } from "./backend.js";
import { registerBlasBackend, setBlasThreads } from "./register.js";

describe("registerBlasBackend", () => {
  it("refuses numbers of threads that are none", async () => {
    for (const threads of [0, -1, 1.5, Number.NaN, 5000])
      await expect(registerBlasBackend({ threads })).rejects.toMatchObject({ code: "blas/bad-threads" });
  });
});

describe.skipIf(typeof machineBlas !== "string")("without a library", () => {
  it("registering and setting threads say what is missing", async () => {
    await expect(registerBlasBackend()).rejects.toMatchObject({ code: "blas/not-found" });
    expect(() => setBlasThreads(1)).toThrow(expect.objectContaining({ code: "blas/not-registered" }));
    expect(tf.findBackendFactory("blas") ?? undefined).toBeUndefined();
  });
});

describeWithBlas("with a library", () => {
  it("does not change which backend TensorFlow.js picks by itself", async () => {
    await tf.ready();
    expect(tf.getBackend()).toBe("cpu");
  });

  it("may be called again: it keeps the library and the backend, warns of nothing and sets the threads", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    await tf.setBackend("blas");
    const backend = tf.backend();
    const first = await registerBlasBackend({ threads: 1 });
    const second = await registerBlasBackend({ threads: 2, paths: ["/elsewhere"] });
    expect(second.path).toBe(first.path);
    expect(tf.backend()).toBe(backend);
    expect((await registerBlasBackend()).threads).toBe(second.threads);
    expect(setBlasThreads(1)).toBe(1);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it("gives a fresh backend after tf.removeBackend", async () => {
    await tf.setBackend("cpu");
    tf.removeBackend("blas");
    await registerBlasBackend();
    await tf.setBackend("blas");
    expect(tf.backend()).toBeInstanceOf(BlasBackend);
    expect(tf.tidy(() => tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).arraySync())).toEqual([
      [3, 3],
      [3, 3],
    ]);
  });

  it("moves tensors of other backends over by itself", async () => {
    await tf.setBackend("cpu");
    const x = tf.tensor2d([[1, 2]]);
    await tf.setBackend("blas");
    expect(tf.tidy(() => tf.matMul(x, x, false, true).dataSync()[0])).toBe(5);
    x.dispose();
  });
});
