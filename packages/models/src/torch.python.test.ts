import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  type Architecture,
  disposeTensors,
  initialize,
  type Model,
  type Params,
  Rng,
  tf,
  toTensors,
  useBackend,
} from "@isthmus/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { convnet } from "./convnet.js";
import { lstm } from "./lstm.js";
import { resnet18 } from "./resnet18.js";
import { rnn } from "./rnn.js";
import { vgg11 } from "./vgg11.js";

const run = promisify(execFile);
const python = process.env.ISTHMUS_PYTHON ?? "python3";
const problem = await run(python, ["-c", "import torch, numpy"]).then(
  () => undefined,
  (error: Error) => error.message.trim().split("\n").at(-1),
);
if (problem !== undefined)
  process.stderr.write(
    `Skipped: ${python} has no PyTorch (${problem}); ISTHMUS_PYTHON names one that has.\n`,
  );

const BATCH = 4;
const variants = [false, true].flatMap((bias) => [false, true].map((batchNorm) => ({ bias, batchNorm })));
const cases: [Architecture<never>, object, number[]][] = [
  ...variants.map((each) => [convnet, { channels: [4, 6], hidden: [5], ...each }, [9, 10, 3]] as never),
  ...variants.map((each) => [vgg11, { width: 1 / 16, ...each }, [32, 32, 3]] as never),
  [vgg11, { width: 1 / 16, bias: true }, [64, 32, 1]] as never,
  ...variants.map((each) => [resnet18, { width: 1 / 16, ...each }, [15, 16, 3]] as never),
  ...[rnn, lstm].map((each) => [each, { hidden: 6 }, [5, 4, 1]] as never),
  ...[rnn, lstm].map((each) => [each, { hidden: 6, layers: 2, bias: true }, [5, 4, 3]] as never),
];

/** Fresh weights, running statistics and scales that are not trivial. */
function weightsOf(model: Model): Params {
  return new Map(
    [...initialize(model, Rng.seed(0))].map(([name, { shape, data }]) => {
      const steps = Rng.seed(1).fork(name).uniforms(data.length);
      const constant = model.parameters.find((each) => each.name === name)?.initializer.kind === "constant";
      return [name, { shape, data: constant ? data.map((x, i) => x + steps[i]) : data }];
    }),
  );
}

interface Result {
  readonly keys: string[];
  readonly evaluated: number[];
  readonly trained: number[];
  readonly buffers: Readonly<Record<string, number[]>>;
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  expect(actual.length, what).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i] - value), what).toBeLessThan(1e-5 * scale);
  });
}

describe.skipIf(problem !== undefined)("beside PyTorch", () => {
  let folder: string;
  let results: Result[];
  const tried = cases.map(([architecture, input, inputShape]) => {
    const parsed = architecture.options.safeParse(input);
    if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
    const model = architecture.build(parsed.data, { inputShape, classes: 3 });
    const images = Rng.seed(2).normals(BATCH * inputShape.reduce((a, b) => a * b));
    return { model, params: weightsOf(model), images };
  });

  beforeAll(async () => {
    await useBackend("wasm");
    folder = await mkdtemp(join(tmpdir(), "isthmus-torch-"));
    for (const [i, { model, params, images }] of tried.entries()) {
      const name = join(folder, String(i).padStart(2, "0"));
      const { spec, parameters, torch } = model;
      const described = { ...spec, torch, parameters: parameters.map((each) => [each.name, each.shape]) };
      await writeFile(`${name}.json`, JSON.stringify(described));
      const arrays = [...[...params.values()].map(({ data }) => data), images];
      await writeFile(
        `${name}.bin`,
        Buffer.concat(arrays.map((x) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength))),
      ); // prettier-ignore
    }
    const script = fileURLToPath(new URL("../test/torch_networks.py", import.meta.url));
    results = JSON.parse((await run(python, [script, folder], { maxBuffer: 2 ** 24 })).stdout) as Result[];
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(tried.map(({ model: { spec } }, i) => [`${spec.architecture} ${JSON.stringify(spec.options)}`, i]))(
    "%s gives the same logits and running statistics, under the same keys",
    (_, index) => {
      const { model, params, images } = tried[index as number] as (typeof tried)[number];
      const expected = results[index as number] as Result;
      expect(model.torch?.map(({ key }) => key)).toEqual(expected.keys);
      const weights = toTensors(params);
      const buffers = new Map<string, Float32Array>();
      const logits = (training: boolean) =>
        tf.tidy(() => {
          const tap = {
            buffer: (name: string, x: tf.Tensor) => void buffers.set(name, x.dataSync() as Float32Array),
          }; // prettier-ignore
          const batch = tf.tensor(images, [BATCH, ...model.spec.task.inputShape]);
          return model.apply(weights, batch, { training, tap }).dataSync();
        });
      expectClose(logits(false), expected.evaluated, "logits");
      expect(buffers.size).toBe(0);
      expectClose(logits(true), expected.trained, "logits while training");
      expect(buffers.size).toBe(Object.keys(expected.buffers).length);
      for (const { key, parameter } of model.torch ?? []) {
        const own = buffers.get(parameter);
        if (own !== undefined) expectClose(own, expected.buffers[key] as number[], key);
      }
      disposeTensors(weights);
    },
  );
});
