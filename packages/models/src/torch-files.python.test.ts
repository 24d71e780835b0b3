import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  encodeTorchSafetensors,
  initialize,
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

/** A network written out in PyTorch, and what it is here. */
interface Case {
  readonly architecture: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputShape: readonly [number, number, number];
  /** Parts of a `torch.nn.Sequential`, in PyTorch's words. */
  readonly modules: string;
}

const IMAGES = 4;
const CLASSES = 10;

const cases: Record<string, Case> = {
  "mlp on MNIST": {
    architecture: "mlp",
    options: { hidden: [12, 7], bias: false, dropout: 0 },
    inputShape: [28, 28, 1],
    modules:
      "Flatten(), Linear(784, 12, bias=False), ReLU(), Linear(12, 7, bias=False), ReLU(), Linear(7, 10, bias=False)",
  },
  "mlp on MNIST with biases": {
    architecture: "mlp",
    options: { hidden: [12], bias: true, dropout: 0 },
    inputShape: [28, 28, 1],
    modules: "Flatten(), Linear(784, 12), ReLU(), Linear(12, 10)",
  },
  "mlp on CIFAR": {
    architecture: "mlp",
    options: { hidden: [9], bias: false, dropout: 0 },
    inputShape: [32, 32, 3],
    modules: "Flatten(), Linear(3072, 9, bias=False), ReLU(), Linear(9, 10, bias=False)",
  },
  "mlp on CIFAR with biases": {
    architecture: "mlp",
    options: { hidden: [9], bias: true, dropout: 0 },
    inputShape: [32, 32, 3],
    modules: "Flatten(), Linear(3072, 9), ReLU(), Linear(9, 10)",
  },
  "convnet with running statistics": {
    architecture: "convnet",
    options: { channels: [4, 6], hidden: [11], width: 1, bias: true, batchNorm: true, dropout: 0 },
    inputShape: [28, 28, 1],
    modules:
      "OrderedDict(features=Sequential(Conv2d(1, 4, 3, padding=1), BatchNorm2d(4), ReLU(), MaxPool2d(2), Conv2d(4, 6, 3, padding=1), BatchNorm2d(6), ReLU(), MaxPool2d(2)), flat=Flatten(), classifier=Sequential(Linear(294, 11), ReLU(), Linear(11, 10)))",
  },
  "convnet on CIFAR": {
    architecture: "convnet",
    options: { channels: [3], hidden: [], width: 1, bias: false, batchNorm: false, dropout: 0 },
    inputShape: [32, 32, 3],
    modules:
      "OrderedDict(features=Sequential(Conv2d(3, 3, 3, padding=1, bias=False), ReLU(), MaxPool2d(2)), flat=Flatten(), classifier=Sequential(Linear(768, 10, bias=False)))",
  },
};

/** Networks, their files in every format, images `[n, channels, h, w]` and logits; and, the other way, logits of our files. */
const SCRIPT = `
import json, sys
from collections import OrderedDict
import numpy as np, torch
from torch.nn import *

torch.manual_seed(0)
cases = json.load(open("cases.json"))

def write_safetensors(path, state, keys):
    header, data, at = {}, [], 0
    for key in keys:
        raw = state[key].contiguous().numpy().astype("<f4").tobytes()
        header[key] = {"dtype": "F32", "shape": list(state[key].shape), "data_offsets": [at, at + len(raw)]}
        data.append(raw); at += len(raw)
    text = json.dumps(header).encode()
    open(path, "wb").write(len(text).to_bytes(8, "little") + text + b"".join(data))

def read_safetensors(path):
    raw = open(path, "rb").read()
    start = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:start])
    header.pop("__metadata__")
    return {key: torch.from_numpy(np.frombuffer(raw, "<f4", offset=start + info["data_offsets"][0],
              count=(info["data_offsets"][1] - info["data_offsets"][0]) // 4).reshape(info["shape"]).copy())
            for key, info in header.items()}

def logits(model, name):
    images = torch.from_numpy(np.fromfile(name + ".images", "<f4").copy()).reshape(cases[name]["images"])
    with torch.no_grad():
        return model.eval()(images.permute(0, 3, 1, 2)).numpy().astype("<f4")

for name, case in cases.items():
    model = eval("Sequential(" + case["modules"] + ")")
    if sys.argv[1] == "write":
        with torch.no_grad():
            for module in model.modules():
                if isinstance(module, BatchNorm2d):
                    module.running_mean.uniform_(-1, 1); module.running_var.uniform_(0.5, 2)
                    module.weight.uniform_(0.5, 2); module.bias.uniform_(-1, 1)
        logits(model, name).tofile(name + ".logits")
        state = model.state_dict()
        torch.save(state, name + ".pt")
        torch.save({"epoch": 3, "state_dict": OrderedDict(("module." + k, v) for k, v in state.items())},
                   name + ".legacy.pth", _use_new_zipfile_serialization=False)
        # Transposed in memory, and all in one storage, as an optimizer might leave them.
        flat = torch.cat([torch.zeros(3)] + [v.float().t().reshape(-1) if v.dim() == 2 else v.float().reshape(-1) for v in state.values()])
        views, at = OrderedDict(), 3
        for key, v in state.items():
            part = flat[at:at + v.numel()]; at += v.numel()
            views[key] = part.view(v.shape[::-1]).t() if v.dim() == 2 else part.view(v.shape)
        torch.save({"model": views}, name + ".views.checkpoint")
        torch.save(OrderedDict((k, v.double()) for k, v in state.items()), name + ".double.pt")
        keys = [k for k in state if not k.endswith("num_batches_tracked")]
        write_safetensors(name + ".sorted.safetensors", state, sorted(keys))
        write_safetensors(name + ".safetensors", state, keys)
    else:
        model.load_state_dict(read_safetensors(name + ".ours.safetensors"), strict=True)
        logits(model, name).tofile(name + ".ours.logits")
`;

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
  const floats = async (file: string) => {
    const bytes = await readFile(join(folder, file));
    return new Float32Array(new Uint8Array(bytes).buffer);
  };
  const pytorch = (task: "write" | "read") => run(python, ["script.py", task], { cwd: folder });
  const open = async (file: string, options: Partial<Parameters<typeof openNetworkFile>[2]> = {}) =>
    openNetworkFile(await readFile(join(folder, file)), file, { host, ...options });

  async function logits({ model, params }: Pick<OpenedNetwork, "model" | "params">, name: string) {
    const images = await floats(`${name}.images`);
    const { inputShape } = cases[name];
    return tf.tidy(() =>
      model
        .apply(toTensors(params), tf.tensor(images, [IMAGES, ...inputShape]), { training: false })
        .dataSync(),
    );
  }

  beforeAll(async () => {
    await useBackend("cpu");
    folder = await mkdtemp(join(tmpdir(), "isthmus-torch-"));
    const described = Object.entries(cases).map(([name, { modules, inputShape }]) => [
      name,
      { modules, images: [IMAGES, ...inputShape] },
    ]);
    await writeFile(join(folder, "cases.json"), JSON.stringify(Object.fromEntries(described)));
    await writeFile(join(folder, "script.py"), SCRIPT);
    for (const [name, { architecture, options, inputShape }] of Object.entries(cases)) {
      const images = Rng.seed(5)
        .fork(name)
        .normals(IMAGES * inputShape[0] * inputShape[1] * inputShape[2]);
      await writeFile(join(folder, `${name}.images`), images);
      const resolved = await host.resolve("architecture", architecture);
      const model = resolved.build(options, { inputShape, classes: CLASSES });
      const params = initialize(model, Rng.seed(6));
      const bytes = encodeTorchSafetensors({ model, params }, {});
      await writeFile(join(folder, `${name}.ours.safetensors`), bytes);
    }
    await pytorch("write");
    await pytorch("read");
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  describe.each(Object.entries(cases))("%s", (name, { architecture, options, inputShape }) => {
    const files = ["pt", "legacy.pth", "views.checkpoint", "double.pt", "safetensors", "sorted.safetensors"];

    it.each(files)("PyTorch's weights in .%s give its logits here, to 1e-5", async (ending) => {
      const network = await open(`${name}.${ending}`);
      expect(network.model.spec).toEqual({ architecture, options, task: { inputShape, classes: CLASSES } });
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
