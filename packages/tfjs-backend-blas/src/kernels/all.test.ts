import * as tf from "@tensorflow/tfjs-core";
import { afterEach, expect, it, vi } from "vitest";
import { usualCases } from "../testing/cases.js";
import { expectSameAsCpu } from "../testing/compare.js";
import { describeWithBlas } from "../testing/with-blas.js";
import { blasKernels } from "./all.js";

describeWithBlas("every kernel of the package", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("has a usual case here, and no other has", () => {
    expect(Object.keys(usualCases).sort()).toEqual(blasKernels.map(({ name }) => name).sort());
  });

  for (const kernel of blasKernels) {
    it(`${kernel.name} does its usual case itself, agrees with the cpu backend and leaves nothing in memory`, async () => {
      const spy = vi.spyOn(kernel, "run");
      await expectSameAsCpu(usualCases[kernel.name]!);
      expect(spy.mock.results.map(({ value }) => value !== undefined)).toContain(true);
    });
  }

  it("stands beside all kernels of the cpu backend", () => {
    const names = (backend: string) => tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName);
    expect(names("blas")).toEqual(expect.arrayContaining(names("cpu")));
  });
});
