import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  encodeTorchSafetensors,
  initialize,
  type Model,
  type OpenedNetwork,
  openNetworkFile,
  PluginHost,
  Rng,
  sameBits,
  tf,
  toTensors,
  useBackend,
} from "@isthmus/core";
import { largestDifference } from "@isthmus/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const python = process.env.ISTHMUS_PYTHON ?? "python3";
const available = await run(python, ["-c", "import torch, numpy"]).then(
  () => true,
  () => {
    process.stderr.write(
      `Skipped: ${python} has no PyTorch; ISTHMUS_PYTHON names the Python to use for networks beside PyTorch's.\n`,
    );
    return false;
  },
);

const IMAGES = 4;
const CLASSES = 10;
const [MNIST, CIFAR] = [
  [28, 28, 1],
  [32, 32, 3],
];

/** Networks that PyTorch writes and reads: architecture, its options, shape of the images. */
const cases: Readonly<Record<string, readonly [string, object, readonly number[]]>> = {
  "mlp on MNIST": ["mlp", { hidden: [12, 7], bias: false }, MNIST],
  "mlp on MNIST with biases": ["mlp", { hidden: [12], bias: true }, MNIST],
  "mlp on CIFAR": ["mlp", { hidden: [9], bias: false }, CIFAR],
  "mlp on CIFAR with biases": ["mlp", { hidden: [9], bias: true }, CIFAR],
  "convnet with running statistics": [
    "convnet",
    { channels: [4, 6], hidden: [11], bias: true, batchNorm: true },
    MNIST,
  ],
  vgg11: ["vgg11", { width: 1 / 16, bias: true, batchNorm: false }, CIFAR],
  resnet18: ["resnet18", { width: 1 / 16, bias: false, batchNorm: true }, CIFAR],
  rnn: ["rnn", { hidden: 6, bias: true }, MNIST],
  "lstm of two layers": ["lstm", { hidden: 6, layers: 2, bias: true }, MNIST],
};
const script = fileURLToPath(new URL("../test/torch_files.py", import.meta.url));

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const host = new PluginHost([
  {
    name: manifest.name,
    version: manifest.version,
    origin: "here",
    manifest: manifest.isthmus,
    load: () => import("./index.js"),
    file: (relative) => relative,
  },
]);

describe.skipIf(!available)("beside PyTorch", { timeout: 120_000 }, () => {
  let folder: string;
  const models = new Map<string, Model>();
  const floats = async (file: string) => {
    const bytes = await readFile(join(folder, file));
    return new Float32Array(new Uint8Array(bytes).buffer);
  };
  const open = async (file: string, options: Partial<Parameters<typeof openNetworkFile>[2]> = {}) =>
    openNetworkFile(await readFile(join(folder, file)), file, { host, ...options });

  async function logits({ model, params }: Pick<OpenedNetwork, "model" | "params">, name: string) {
    const images = await floats(`${name}.images`);
    const [, , inputShape] = cases[name];
    return tf.tidy(() =>
      model
        .apply(toTensors(params), tf.tensor(images, [IMAGES, ...inputShape]), { training: false })
        .dataSync(),
    );
  }

  beforeAll(async () => {
    await useBackend("cpu");
    folder = await mkdtemp(join(tmpdir(), "isthmus-torch-"));
    const described: Record<string, unknown> = {};
    for (const [name, [architecture, given, inputShape]] of Object.entries(cases)) {
      const options = await host.checkOptions("architecture", architecture, given);
      const model = (await host.resolve("architecture", architecture)).build(options, {
        inputShape,
        classes: CLASSES,
      });
      described[name] = { architecture, options, inputShape, classes: CLASSES };
      models.set(name, model);
      const images = Rng.seed(5)
        .fork(name)
        .normals(IMAGES * inputShape.reduce((a, b) => a * b));
      const ours = encodeTorchSafetensors({ model, params: initialize(model, Rng.seed(6)) }, {});
      await writeFile(join(folder, `${name}.images`), images);
      await writeFile(join(folder, `${name}.ours.safetensors`), ours);
    }
    await writeFile(join(folder, "cases.json"), JSON.stringify(described));
    await run(python, [script, folder]);
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  describe.each(Object.keys(cases))("%s", (name) => {
    const files = ["pt", "legacy.pth", "views.checkpoint", "double.pt", "safetensors", "sorted.safetensors"];

    it.each(files)("PyTorch's weights in .%s give its logits here, to 1e-5", async (ending) => {
      const network = await open(`${name}.${ending}`);
      const { spec, parameters } = models.get(name)!;
      expect(network.model.spec).toMatchObject({ architecture: spec.architecture, task: spec.task });
      expect(network.model.parameters).toEqual(parameters);
      expect(largestDifference(await logits(network, name), await floats(`${name}.logits`))).toBeLessThan(
        1e-5,
      );
    });

    it("our weights give our logits there, to 1e-5, and come back from there to the bit", async () => {
      const file = `${name}.ours.safetensors`;
      const network = await open(file);
      expect(
        largestDifference(await logits(network, name), await floats(`${name}.ours.logits`)),
      ).toBeLessThan(1e-5);
      expect(sameBits(network.params, initialize(network.model, Rng.seed(6)))).toBe(true);
    });
  });

  it("what a file says beside the weights is kept", async () => {
    expect((await open("mlp on MNIST.legacy.pth")).provenance).toEqual({ epoch: 3 });
  });
});
