import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitBatch, type WireBatch } from "./batch.js";

const entries = (n: number, length = 1) =>
  Array.from({ length: n }, (_, i) => ({ key: `k${i}`, value: "x".repeat(length) }));
const metrics = (n: number) =>
  Array.from({ length: n }, (_, step) => ({ key: "m", value: 1, timestamp: 5, step }));

describe("splitting a batch", () => {
  it("keeps every entry once and in order, within the server's limits", () => {
    const sizes = fc.record({ m: fc.nat(2500), p: fc.nat(250), t: fc.nat(250), length: fc.nat(8000) });
    fc.assert(
      fc.property(sizes, ({ m, p, t, length }) => {
        const whole: WireBatch = {
          metrics: metrics(m),
          params: entries(p, length),
          tags: entries(t, length),
        };
        const parts = splitBatch(whole);
        expect(parts.flatMap((part) => part.metrics)).toEqual(whole.metrics);
        expect(parts.flatMap((part) => part.params)).toEqual(whole.params);
        expect(parts.flatMap((part) => part.tags)).toEqual(whole.tags);
        for (const part of parts) {
          expect(part.metrics.length + part.params.length + part.tags.length).toBeLessThanOrEqual(1000);
          expect(part.params.length).toBeLessThanOrEqual(100);
          expect(part.tags.length).toBeLessThanOrEqual(100);
          expect(Buffer.byteLength(JSON.stringify({ run_id: "r".repeat(256), ...part }))).toBeLessThan(
            900_000,
          );
        }
      }),
      { numRuns: 15 },
    );
  });

  it("uses no more parts than needed", () => {
    expect(splitBatch({ metrics: [], params: [], tags: [] })).toHaveLength(0);
    expect(splitBatch({ metrics: metrics(1000), params: [], tags: [] })).toHaveLength(1);
    expect(splitBatch({ metrics: metrics(1001), params: [], tags: [] })).toHaveLength(2);
    expect(splitBatch({ metrics: metrics(800), params: entries(100), tags: entries(100) })).toHaveLength(1);
    expect(splitBatch({ metrics: metrics(1600), params: entries(200), tags: entries(200) })).toHaveLength(2);
  });

  it("counts bytes, not characters", () => {
    const tags = Array.from({ length: 100 }, (_, i) => ({ key: `k${i}`, value: "語".repeat(8000) }));
    expect(splitBatch({ metrics: [], params: [], tags })).toHaveLength(3);
  });
});
