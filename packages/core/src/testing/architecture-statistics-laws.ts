import type { Tensor } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import type { ApplyContext } from "../contracts/model.js";
import type { ArrayValue, Params } from "../contracts/params.js";
import { disposeTensors, toTensors } from "../numerics/engine/tensors.js";
import { tf } from "../numerics/engine/tf.js";
import { type ArchitectureCase, wholeBatch } from "./architecture-case.js";
import { largestDifference } from "./measure.js";

/** What `tap` sees of the buffers in one pass over all images. */
function seenBuffers(
  { free, data }: ArchitectureCase,
  params: Params,
  context: Pick<ApplyContext, "training" | "estimating">,
): ReadonlyMap<string, Float32Array> {
  const weights = toTensors(params);
  const seen = new Map<string, Float32Array>();
  const buffer = (name: string, value: Tensor) => void seen.set(name, value.dataSync<"float32">().slice());
  tf.tidy(() => {
    free.apply(weights, wholeBatch(data).images, { ...context, tap: { buffer } });
  });
  disposeTensors(weights);
  return seen;
}

/** The laws of running statistics, where an architecture has any, as vitest tests. */
export function architectureStatisticsLaws(tried: ArchitectureCase): void {
  const { architecture, options, model, params } = tried;
  const buffers = model.parameters.filter(({ role }) => role === "buffer").map(({ name }) => name);

  it("says whether it has running statistics", () => {
    expect(architecture.hasStatistics?.(options) ?? false).toBe(buffers.length > 0);
  });

  it.runIf(buffers.length > 0)(
    "shows a batch's own statistics while estimating, and running ones moved towards them while training",
    () => {
      const other = new Map(params);
      for (const name of buffers) {
        const { shape, data } = params.get(name) as ArrayValue;
        other.set(name, { shape, data: data.map((value) => value + 1) });
      }
      const seen = (own: Params, context: Pick<ApplyContext, "training" | "estimating">) =>
        seenBuffers(tried, own, context);
      const batch = seen(params, { training: false, estimating: true });
      const batchOfOther = seen(other, { training: false, estimating: true });
      const moved = seen(params, { training: true });
      const movedOfOther = seen(other, { training: true });
      expect([...batch.keys()].toSorted()).toEqual(buffers.toSorted());
      for (const name of buffers) {
        const values = (each: ReadonlyMap<string, Float32Array>) => each.get(name) as Float32Array;
        expect(values(batchOfOther), name).toEqual(values(batch));
        const kept = values(movedOfOther)[0] - values(moved)[0];
        expect(kept, name).toBeLessThan(1);
        const { data: old } = params.get(name) as ArrayValue;
        const expected = old.map((value, i) => kept * value + (1 - kept) * values(batch)[i]);
        expect(largestDifference(values(moved), expected), name).toBeLessThan(1e-5);
      }
    },
  );
}
