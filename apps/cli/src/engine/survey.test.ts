import pc from "picocolors";
import { describe, expect, it } from "vitest";
import { WIDTHS } from "./benchmark-network.js";
import { measureBackend } from "./measure-backend.js";
import type { Probe } from "./probe-backend.js";
import { surveyBackends } from "./survey.js";
import { formatSpeed, surveyTable } from "./survey-table.js";

const colors = pc.createColors(false);

/** A survey of a machine on which the named backends work, at so many steps a second. */
const machine = (speeds: Readonly<Record<string, number>>, library?: string) =>
  surveyBackends(1, { env: {} }, async ({ backend, threads }): Promise<Probe> => {
    const stepsPerSecond = speeds[backend];
    if (stepsPerSecond === undefined) return { problem: "not installed" };
    return { measured: { threads, gflops: 10, stepsPerSecond, ...(library && { library }) } };
  });

describe("what is said of a machine", () => {
  it("auto takes the first of the ranking that works, with the reasons of those before it", async () => {
    const survey = await machine({ blas: 300, wasm: 140, cpu: 3 }, "OpenBLAS 1.2");
    expect(survey.backends.map(({ name }) => name)).toEqual(["gpu", "blas", "node", "wasm", "cpu"]);
    expect(survey.auto).toBe("blas");
    const text = surveyTable(survey, colors);
    expect(text).toContain("--backend auto takes blas, the best that works here (gpu: not installed).");
    expect(text).toMatch(/│ blas .*OpenBLAS 1\.2 .* 1 │ +10\.0 │ +300 │/);
    expect(text).toMatch(/│ node .*not installed .*– │ +– │ +– │/);
  });

  it("a machine with WebAssembly alone is told of OpenBLAS; one that has a BLAS is not", async () => {
    expect((await machine({ wasm: 140, cpu: 3 })).advice).toMatch(/isthmus engine install (blas|gpu)/);
    expect((await machine({ gpu: 900, blas: 300, wasm: 140, cpu: 3 })).advice).toContain("nothing faster");
  });

  it("a backend that is faster than the one that auto takes is named", async () => {
    expect((await machine({ gpu: 100, blas: 300 })).advice).toContain("--backend blas");
  });

  it("a library that is slower than WebAssembly is not what auto takes, and it is said why", async () => {
    const slow = "only a plain BLAS is here";
    const survey = await surveyBackends(1, { env: {} }, async ({ backend, threads }) => {
      const measured = { threads, gflops: 1, stepsPerSecond: 20 };
      if (backend === "blas") return { measured: { ...measured, slow } };
      return backend === "wasm" ? { measured } : { problem: "not installed" };
    });
    expect(survey.auto).toBe("wasm");
    expect(surveyTable(survey, colors)).toContain(`blas: ${slow}`);
  });

  it("speeds have two or three digits", () => {
    expect([0.512, 9.94, 74.36, 269.9, 12345.6].map(formatSpeed)).toEqual([
      "0.51",
      "9.9",
      "74.4",
      "270",
      "12346",
    ]);
  });
});

describe("a measurement", () => {
  it("trains the network it says, on the backend it is asked for", async () => {
    expect(WIDTHS).toEqual([784, 400, 200, 100, 10]);
    const measured = await measureBackend({ backend: "wasm", threads: 1, seconds: 0 });
    expect(measured.threads).toBe(1);
    expect(measured.gflops).toBeGreaterThan(0);
    expect(measured.stepsPerSecond).toBeGreaterThan(0);
    await expect(measureBackend({ backend: "none", threads: 1, seconds: 0 })).rejects.toMatchObject({
      code: "engine/unknown-backend",
    });
  });
});
