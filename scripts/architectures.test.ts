// Every architecture, small, is trained and fused by every method on every backend that runs here.
import {
  classification,
  evaluate,
  finishFusion,
  initialize,
  LabeledImages,
  permuteUnits,
  probeBackends,
  Rng,
  train,
  trainSettings,
  useBackend,
} from "@isthmus/core";
import { largestDifference, leakedTensors, logitsOf, toyContext } from "@isthmus/core/testing";
import { average } from "@isthmus/fusion-avg";
import { curve } from "@isthmus/fusion-curve";
import { ot } from "@isthmus/fusion-ot";
import { convnet, lstm, resnet18, rnn, vgg11 } from "@isthmus/models";
import { afterAll, describe, expect, it } from "vitest";

const IMAGES = 24;
const CLASSES = 3;

const CASES = [
  [convnet, { channels: [4, 6], hidden: [8], bias: true, batchNorm: true }, [8, 8, 3]],
  [vgg11, { width: 1 / 8, bias: true }, [32, 32, 3]],
  [vgg11, { width: 1 / 8, batchNorm: true }, [32, 32, 3]],
  [resnet18, { width: 1 / 8 }, [8, 8, 3]],
  [rnn, { hidden: 12, bias: true }, [8, 8, 3]],
  [lstm, { hidden: 12, bias: true }, [8, 8, 3]],
];

/** Images that are dark, gray or bright by their class, with noise. */
function dataOf(inputShape) {
  const rng = Rng.seed(5);
  const size = inputShape.reduce((a, b) => a * b);
  const labels = Uint8Array.from({ length: IMAGES }, (_, i) => i % CLASSES);
  const images = Uint8Array.from(
    { length: IMAGES * size },
    (_, i) => 70 * labels[Math.floor(i / size)] + rng.int(100),
  ); // prettier-ignore
  const split = { images, labels };
  const classNames = ["dark", "gray", "bright"];
  const normalization = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
  return new LabeledImages(
    { inputShape, classNames, normalization, splits: { train: split, test: split } },
    "train",
  ); // prettier-ignore
}

const parse = (schema, input) => {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  return parsed.data;
};
const settings = trainSettings.parse({
  epochs: 3,
  batchSize: 8,
  optimizer: { kind: "sgd", learningRate: 0.05, momentum: 0.9 },
});

const backends = (await probeBackends()).filter(
  ({ problem, name }) => problem === undefined && name !== "cpu",
); // prettier-ignore

describe.for(backends.map(({ name }) => name))("on %s", (backend) => {
  afterAll(async () => void (await useBackend("wasm")));

  it.for(CASES.map(([architecture, ...rest]) => [architecture.name, architecture, ...rest]))(
    "%s is trained, then fused by average, optimal transport and a curve",
    async ([, architecture, input, inputShape]) => {
      await useBackend(backend);
      const data = dataOf(inputShape);
      const model = architecture.build(parse(architecture.options, input), { inputShape, classes: CLASSES });
      const trained = async (seed) => {
        const rng = Rng.seed(seed);
        const objective = classification(model, initialize(model, rng.fork("weights")));
        const run = () => train(objective, data, settings, { rng: rng.fork("train") });
        const { params, history } = await run();
        expect(history.at(-1).loss).toBeLessThan(history[0].loss);
        return { params, run };
      };
      const [a, b] = [await trained(0), await trained(1)];
      expect(await leakedTensors(a.run)).toBe(0);

      const inputs = [a, b].map(({ params }) => ({ model, params, weight: 0.5 }));
      const methods = [
        [average, {}],
        [ot, {}],
        [curve, { training: { ...settings, epochs: 1 } }],
      ];
      for (const [method, options] of methods) {
        const context = toyContext({ data, needs: method.meta.needs });
        const fused = await method.fuse(inputs, parse(method.options, options), context);
        const { params } = await finishFusion(fused, inputs, { afterwards: "statistics", data });
        const { loss, accuracy } = await evaluate(model, params, data);
        expect([Number.isFinite(loss), accuracy >= 0], method.meta.name).toEqual([true, true]);
      }

      // A network and itself with its hidden units in another order are one function, and fused they stay it.
      const orders = new Map(
        model.symmetry.map(({ name, size }) => [name, Rng.seed(3).fork(name).permutation(size)]),
      ); // prettier-ignore
      const shuffled = { model, params: permuteUnits(model, a.params, orders), weight: 0.5 };
      const context = toyContext({ data, needs: ot.meta.needs });
      const { params } = await ot.fuse([inputs[0], shuffled], parse(ot.options, {}), context);
      const [logits, expected] = [await logitsOf(model, params, data), await logitsOf(model, a.params, data)];
      const scale = Math.max(1, ...expected.map(Math.abs));
      expect(largestDifference(logits, expected)).toBeLessThan(1e-4 * scale);
    },
  );
});
