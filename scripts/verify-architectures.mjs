// VGG-11 and ResNet-18 at full width on images of CIFAR-10's shape: a training step of 128 images on every backend that runs here
// (its loss is the same on all of them, to 1e-3), one average and one optimal-transport fusion (with a copy of the network whose
// hidden units were shuffled, which gives back the network's function, to 1e-3 of its largest logit). Prints seconds.
// Usage: npm run verify:architectures [-- NAME…]   architectures and backends by name; without any, all but the slow cpu
import { randomFillSync } from "node:crypto";
import {
  classification,
  initialize,
  LabeledImages,
  permuteUnits,
  probeBackends,
  Rng,
  train,
  trainSettings,
  useBackend,
} from "@isthmus/core";
import { largestDifference, logitsOf, toyContext } from "@isthmus/core/testing";
import { average } from "@isthmus/fusion-avg";
import { ot } from "@isthmus/fusion-ot";
import { resnet18, vgg11 } from "@isthmus/models";

const BATCH = 128;
const task = { inputShape: [32, 32, 3], classes: 10 };
const ARCHITECTURES = {
  vgg11: { build: vgg11, options: { bias: true } },
  "vgg11 with batch norm": { build: vgg11, options: { batchNorm: true } },
  resnet18: { build: resnet18, options: { batchNorm: true } },
};
const asked = process.argv.slice(2);
const wanted = (names) => {
  const named = names.filter((name) => asked.some((each) => name.startsWith(each)));
  return named.length > 0 ? named : names;
};

const split = {
  images: randomFillSync(new Uint8Array(BATCH * 32 * 32 * 3)),
  labels: Uint8Array.from({ length: BATCH }, (_, i) => i % 10),
};
const data = new LabeledImages(
  {
    inputShape: task.inputShape,
    classNames: [..."0123456789"],
    normalization: { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
    splits: { train: split, test: split },
  },
  "train",
);
const settings = trainSettings.parse({
  epochs: 1,
  batchSize: BATCH,
  optimizer: { kind: "sgd", learningRate: 0.01, momentum: 0.9 },
});
const rng = Rng.seed(0);
const few = data.subset(Uint32Array.from({ length: 16 }, (_, i) => i));
let [passed, failed] = [0, 0];
const check = (ok, text) => {
  console.log(`${ok ? "ok  " : "FAIL"}  ${text}`);
  ok ? passed++ : failed++;
};
const timed = async (work) => {
  const start = performance.now();
  const result = await work();
  return { result, seconds: ((performance.now() - start) / 1000).toFixed(2) };
};

const backends = (await probeBackends()).filter(
  ({ name, problem }) => problem === undefined && name !== "cpu",
);
for (const name of wanted(Object.keys(ARCHITECTURES))) {
  const { build, options } = ARCHITECTURES[name];
  const model = build.build(build.options.safeParse(options).data, task);
  const params = initialize(model, rng.fork(name));
  const numbers = [...params.values()].reduce((sum, { data: values }) => sum + values.length, 0);
  console.log(`\n${name}: ${(numbers / 1e6).toFixed(2)} million numbers`);
  let loss;
  for (const backend of wanted(backends.map((each) => each.name))) {
    await useBackend(backend);
    const step = () => train(classification(model, params), data, settings, { rng: rng.fork("train") });
    await step(); // warm-up
    const { result, seconds } = await timed(step);
    const [record] = result.history;
    loss ??= record.loss;
    check(
      Math.abs(record.loss - loss) < 1e-3,
      `${backend}: a step of ${BATCH} images in ${seconds} s, loss ${record.loss.toFixed(4)}`,
    );
  }
  await useBackend("auto");
  const orders = new Map(
    model.symmetry.map((group) => [group.name, rng.fork(group.name).permutation(group.size)]),
  );
  const inputs = [params, permuteUnits(model, params, orders)].map((each) => ({
    model,
    params: each,
    weight: 0.5,
  }));
  const expected = await logitsOf(model, params, few);
  const scale = Math.max(...expected.map(Math.abs));
  for (const [method, given] of [
    [average, inputs.map(() => inputs[0])],
    [ot, inputs],
  ]) {
    const { data: defaults } = method.options.safeParse({});
    const { result, seconds } = await timed(() => method.fuse(given, defaults, toyContext()));
    const difference = largestDifference(await logitsOf(model, result.params, few), expected) / scale;
    check(
      difference < 1e-3,
      `${method.meta.name}: ${seconds} s, logits differ by ${difference.toExponential(1)}`,
    );
  }
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
