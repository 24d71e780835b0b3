import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Rng } from "../rng.js";
import { useBackend } from "./engine.js";
import { tf } from "./tf.js";
import { addMissingWasmKernels } from "./wasm-missing.js";

type Image = ReturnType<typeof tf.tensor4d>;
type Shape4 = [number, number, number, number];

const draw = (shape: number[], label: string) =>
  tf.tensor(
    Rng.seed(11)
      .fork(label)
      .uniforms(
        shape.reduce((a, b) => a * b, 1),
        -1,
        1,
      ),
    shape,
  );

/** What one computation gives on a backend. */
async function on(backend: string, compute: () => tf.Tensor[]): Promise<Float32Array[]> {
  await useBackend(backend);
  const before = tf.memory().numTensors;
  const values = tf.tidy(() => compute().map((each) => each.dataSync() as Float32Array));
  expect(tf.memory().numTensors).toBe(before);
  return values as Float32Array[];
}

async function expectSameAsCpu(compute: () => tf.Tensor[]): Promise<void> {
  const [ours, expected] = [await on("wasm", compute), await on("cpu", compute)];
  ours.forEach((values, k) => {
    const reference = expected[k] as Float32Array;
    expect(values).toHaveLength(reference.length);
    const scale = reference.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1);
    values.forEach((x, i) => {
      expect(Math.abs(x - reference[i])).toBeLessThan(1e-5 * scale);
    });
  });
}

const convolution = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    inChannels: fc.integer({ min: 1, max: 9 }),
    outChannels: fc.integer({ min: 1, max: 9 }),
    filterHeight: fc.integer({ min: 1, max: 4 }),
    filterWidth: fc.integer({ min: 1, max: 4 }),
    stride: fc.constantFrom<[number, number]>([1, 1], [2, 2], [1, 2], [3, 1]),
    pad: fc.constantFrom<"same" | "valid" | number>("same", "valid", 0, 1),
  })
  // For a padding given as a number, TensorFlow.js takes every filter to be a square.
  .filter(
    ({ height, width, filterHeight, filterWidth, pad }) =>
      pad === "same" || Math.max(filterHeight, filterWidth) <= Math.min(height, width),
  );
/** Those whose results have the size that the filter's walk gives them. */
const regular = convolution.filter((c) => typeof c.pad === "string" || c.filterHeight === c.filterWidth);
type Convolution = typeof convolution extends fc.Arbitrary<infer T> ? T : never;

function operands({ batch, height, width, inChannels, outChannels, filterHeight, filterWidth }: Convolution) {
  const xShape: Shape4 = [batch, height, width, inChannels];
  const filterShape: Shape4 = [filterHeight, filterWidth, inChannels, outChannels];
  return { x: draw(xShape, "x") as Image, filter: draw(filterShape, "filter") as Image, xShape, filterShape };
}

const runKernel = (name: string, inputs: Record<string, tf.Tensor>, attrs: object): tf.Tensor =>
  tf.engine().runKernel(name, inputs, attrs as never) as tf.Tensor;

describe("convolution on wasm", () => {
  afterAll(() => useBackend("wasm"));

  it("and both gradients agree with the cpu backend for sizes, strides and paddings of all kinds", async () => {
    await fc.assert(
      fc.asyncProperty(convolution, async (c) => {
        await expectSameAsCpu(() => {
          const { x, filter, xShape, filterShape } = operands(c);
          const y = tf.conv2d(x, filter, c.stride, c.pad);
          const dy = draw(y.shape, "dy") as Image;
          const attrs = { strides: c.stride, pad: c.pad, dataFormat: "NHWC" };
          return [
            y,
            runKernel("Conv2DBackpropInput", { dy, filter }, { ...attrs, inputShape: xShape }),
            runKernel("Conv2DBackpropFilter", { x, dy }, { ...attrs, filterShape }),
          ];
        });
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it("agrees with the cpu backend where patches are gathered in several chunks", async () => {
    await expectSameAsCpu(() => {
      const [x, filter] = [draw([2, 40, 40, 48], "x") as Image, draw([3, 3, 48, 2], "filter") as Image];
      const dy = draw([2, 40, 40, 2], "dy") as Image;
      const attrs = { strides: 1, pad: "same", dataFormat: "NHWC" };
      return [
        tf.mul(tf.conv2d(x, filter, 1, "same"), 0.1),
        runKernel("Conv2DBackpropInput", { dy, filter }, { ...attrs, inputShape: x.shape }),
        runKernel("Conv2DBackpropFilter", { x, dy }, { ...attrs, filterShape: filter.shape }),
      ];
    });
  });

  it("agrees with the cpu backend for dilated filters and pads of each side", async () => {
    const pads: [number, number][] = [
      [0, 0],
      [0, 2],
      [1, 0],
      [0, 0],
    ]; // prettier-ignore
    await expectSameAsCpu(() => {
      const [x, filter] = [draw([2, 9, 8, 3], "x") as Image, draw([3, 2, 3, 4], "filter") as Image];
      return [
        ...[2, [1, 2] as [number, number]].map((d) => tf.conv2d(x, filter, 1, "same", "NHWC", d)),
        tf.conv2d(x, draw([3, 3, 3, 4], "square") as Image, 1, pads as never),
      ];
    });
  });
});

describe("kernels that wasm lacks", () => {
  afterAll(() => useBackend("wasm"));

  it("gradients of depthwise convolutions agree with the cpu backend", async () => {
    await fc.assert(
      fc.asyncProperty(regular, async (c) => {
        await expectSameAsCpu(() => {
          const { x, filter, xShape, filterShape } = operands({ ...c, outChannels: 1 + (c.outChannels % 3) });
          const info = tf.backend_util.computeConv2DInfo(
            xShape,
            filterShape,
            c.stride,
            1,
            c.pad,
            undefined,
            true,
          );
          const dy = draw(info.outShape, "dy");
          const attrs = { strides: c.stride, pad: c.pad, dilations: 1 };
          return [
            runKernel("DepthwiseConv2dNativeBackpropInput", { dy, filter }, { ...attrs, inputShape: xShape }),
            runKernel("DepthwiseConv2dNativeBackpropFilter", { x, dy }, { ...attrs, filterShape }),
          ];
        });
      }),
      { seed: 4, numRuns: 20 },
    );
  });

  it("the composed gradient in the filter agrees with the cpu backend, as where the backend's memory is out of reach", async () => {
    await useBackend("wasm");
    const own = tf.getKernel("Conv2DBackpropFilter", "wasm");
    tf.unregisterKernel("Conv2DBackpropFilter", "wasm");
    addMissingWasmKernels();
    try {
      await fc.assert(
        fc.asyncProperty(regular, async (c) => {
          await expectSameAsCpu(() => {
            const { x, filterShape } = operands(c);
            const { outShape } = tf.backend_util.computeConv2DInfo(x.shape, filterShape, c.stride, 1, c.pad);
            const dy = draw(outShape, "dy");
            return [
              runKernel(
                "Conv2DBackpropFilter",
                { x, dy },
                { strides: c.stride, pad: c.pad, dataFormat: "NHWC", filterShape },
              ),
            ];
          });
        }),
        { seed: 5, numRuns: 20 },
      );
    } finally {
      tf.unregisterKernel("Conv2DBackpropFilter", "wasm");
      tf.registerKernel(own);
    }
  });

  it("sums over segments leave out what is in none, and are the gradient of gather", async () => {
    await expectSameAsCpu(() => {
      const x = draw([6, 2, 3], "x");
      const ids = tf.tensor1d([2, 0, 2, -1, 4, 0], "int32");
      const picked = tf.tensor1d([3, 3, 0], "int32");
      return [
        tf.unsortedSegmentSum(x, ids, 5),
        tf.grad((y: tf.Tensor) => tf.sum(tf.square(tf.gather(y, picked))))(x),
      ];
    });
  });

  it.each([
    [
      "ij,jk->ik",
      [
        [2, 3],
        [3, 4],
      ],
    ],
    [
      "bij,bkj->bik",
      [
        [2, 3, 4],
        [2, 5, 4],
      ],
    ],
    ["ij->ji", [[2, 3]]],
    ["ijk->j", [[2, 3, 4]]],
    ["ij,j->i", [[2, 3], [3]]],
  ])("the Einstein sum %s agrees with the cpu backend", async (equation, shapes) => {
    // prettier-ignore
    await expectSameAsCpu(() => [
      tf.einsum(equation, ...shapes.map((shape, i) => draw(shape, `operand ${i}`))),
    ]);
  });
});
