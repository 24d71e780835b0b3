import { describe, expect, it } from "vitest";
import type { ArrayValue, Params } from "../../contracts/params.js";
import { toyData, toyInputs } from "../../testing/fixtures.js";
import { largestDifference, leakedTensors } from "../../testing/measure.js";
import { stackLogits } from "../../testing/stack-logits.js";
import { toyNormModel } from "../../testing/toy-norm.js";
import { maskLogits } from "../mask-logits.js";
import { initialize } from "../params.js";
import { Rng } from "../rng.js";
import { trainedNames } from "../training/classification.js";
import { fisherDiagonal, fisherOptions } from "./fisher.js";

const [{ model, params }] = toyInputs(1);
const { stack = [], ...withoutStack } = model;
const data = toyData(0, 7);
const CLASSES = 3;
const rng = Rng.seed(0);

/** Fisher information of the toy network, or of another, as one array. */
async function fisher(options: object, network = { model, params }, images = data, stream = rng) {
  const found = await fisherDiagonal(network, images, fisherOptions.parse(options), { rng: stream });
  return [...found.values()].flatMap((value) => [...value.data]);
}

/** log p(c | image) among `classes`, in double precision. */
function logProbabilities(at: Params, image: number, classes: readonly number[]): number[] {
  const logits = stackLogits(stack, at, data.batch([image]).images);
  const total = classes.reduce((sum, c) => sum + Math.exp(logits[c]), 0);
  return [...logits].map((logit) => logit - Math.log(total));
}

/** g[image][class][weight] by central differences. */
function differences(classes: readonly number[]): number[][][] {
  const perWeight = [...params].flatMap(([name, { shape, data: values }]) =>
    [...values].map((value, i) => {
      const moved = [value - 1e-4, value + 1e-4].map((to) => {
        const array: ArrayValue = { shape, data: values.with(i, to) };
        return { to: array.data[i], params: new Map([...params, [name, array]]) };
      });
      return Array.from({ length: data.count }, (_, image) => {
        const [low, high] = moved.map((each) => logProbabilities(each.params, image, classes));
        return high.map((each, c) => (each - low[c]) / (moved[1].to - moved[0].to));
      });
    }),
  );
  return Array.from({ length: data.count }, (_, image) =>
    Array.from({ length: CLASSES }, (_, c) => perWeight.map((own) => own[image][c])),
  );
}

const all = [0, 1, 2];
const gradients = differences(all);
const images = Array.from({ length: data.count }, (_, i) => i);
const probability = (image: number, c: number) => Math.exp(logProbabilities(params, image, all)[c]);
const mean = (value: (image: number, weight: number) => number): number[] =>
  gradients[0][0].map((_, w) => images.reduce((sum, image) => sum + value(image, w) / images.length, 0));

const expected = {
  all: mean((image, w) =>
    all.reduce((sum, c) => sum + probability(image, c) * gradients[image][c][w] ** 2, 0),
  ),
  empirical: mean((image, w) => gradients[image][data.label(image)][w] ** 2),
  weighted: mean((image, w) => {
    const label = data.label(image);
    return probability(image, label) * gradients[image][label][w] ** 2;
  }),
};
const generic = { model: withoutStack, params };

describe.each(["all", "empirical", "weighted"] as const)("the Fisher information by labels %s", (labels) => {
  it("is the mean of squared differences of log-probabilities, for a stack as for any network", async () => {
    const scale = Math.max(...expected[labels]);
    expect(largestDifference(await fisher({ labels }), expected[labels])).toBeLessThan(1e-4 * scale);
    expect(largestDifference(await fisher({ labels }, generic), expected[labels])).toBeLessThan(1e-4 * scale);
  });
});

describe("the Fisher information", () => {
  it("is that of all labels where nothing else is asked for", async () => {
    expect(await fisher({})).toEqual(await fisher({ labels: "all" }));
  });

  it("by sampled labels squares the gradient of a label that comes as often as the network says", async () => {
    const one = data.subset([4]);
    const counts = [0, 0, 0];
    const draws = 400;
    for (let i = 0; i < draws; i++) {
      const found = await fisher({ labels: "sampled" }, undefined, one, rng.fork(`${i}`));
      const errors = all.map((c) =>
        largestDifference(
          found,
          gradients[4][c].map((g) => g ** 2),
        ),
      );
      const nearest = errors.indexOf(Math.min(...errors));
      expect(errors[nearest]).toBeLessThan(1e-3);
      counts[nearest]++;
    }
    for (const c of all) {
      const p = probability(4, c);
      expect(Math.abs(counts[c] / draws - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / draws));
    }
  });

  it("of batches is the mean of the squares of their mean gradients; the last batch may be smaller", async () => {
    const batches = [images.slice(0, 3), images.slice(3, 6), images.slice(6)];
    const squares = gradients[0][0].map((_, w) => {
      const means = batches.map((own) =>
        own.reduce((sum, i) => sum + gradients[i][data.label(i)][w] / own.length, 0),
      );
      return means.reduce((sum, each) => sum + each ** 2 / batches.length, 0);
    });
    const found = await fisher({ labels: "empirical", batch: 3 });
    expect(largestDifference(found, squares)).toBeLessThan(1e-4 * Math.max(...squares));
  });

  it("of a masked network is that of the answers that are left", async () => {
    const left = [0, 2];
    const masked = { model: maskLogits(model, left), params };
    const own = differences(left);
    const squares = own[0][0].map((_, w) =>
      images.reduce((sum, i) => {
        const logs = logProbabilities(params, i, left);
        return (
          sum + left.reduce((part, c) => part + Math.exp(logs[c]) * own[i][c][w] ** 2, 0) / images.length
        );
      }, 0),
    );
    expect(largestDifference(await fisher({}, masked), squares)).toBeLessThan(1e-4 * Math.max(...squares));
  });

  it("of some images is the mean over as many, drawn by the stream", async () => {
    const singles = await Promise.all(images.map((i) => fisher({}, undefined, data.subset([i]))));
    const found = await fisher({ images: 1 });
    expect(singles.filter((each) => largestDifference(each, found) < 1e-7)).toHaveLength(1);
    const streams = await Promise.all(
      [1, 2, 3, 4].map((i) => fisher({ images: 1 }, undefined, data, rng.fork(`${i}`))),
    );
    expect(new Set(streams.map((each) => each.join())).size).toBeGreaterThan(1);
  });

  it("has a value for what is trained, not for running statistics", async () => {
    const normalized = toyNormModel();
    const network = { model: normalized, params: initialize(normalized, rng) };
    const found = await fisherDiagonal(network, data, fisherOptions.parse({}), { rng });
    expect([...found.keys()]).toEqual(trainedNames(normalized));
  });

  it("leaves no tensor behind, and heeds an abort", async () => {
    expect(await leakedTensors(() => fisher({}))).toBe(0);
    expect(await leakedTensors(() => fisher({ labels: "sampled" }, generic))).toBe(0);
    const context = { rng, signal: AbortSignal.abort("test") };
    await expect(
      fisherDiagonal({ model, params }, data, fisherOptions.parse({}), context),
    ).rejects.toMatchObject({ code: "run/aborted" });
  });

  it("does not average the gradients of all labels over a batch", () => {
    for (const labels of ["all", "weighted"])
      expect(fisherOptions.safeParse({ labels, batch: 2 }).success).toBe(false);
  });
});
