import type { KernelFunc, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs-core";
import type { BlasBackend } from "../backend/backend.js";
import {
  addColumnSums,
  floats,
  type Layer,
  propagate,
  readStack,
  type Stack,
  type Workspaces,
  workspaceFor,
} from "./dense-stack-pass.js";

/** Numbers that are combined at a time: few enough that they are still in the core's cache for the next term, many enough for its call. */
const BLOCK = 2 ** 15;

const combined: Workspaces = new WeakMap();

/** out ← Σ cₖ xₖ */
function combine(
  { blas }: BlasBackend,
  coefficients: readonly number[],
  terms: readonly Float32Array[],
  out: Float32Array,
): Float32Array {
  for (let at = 0; at < out.length; at += BLOCK) {
    const count = Math.min(BLOCK, out.length - at);
    out.fill(0, at, at + count);
    terms.forEach((values, k) => {
      blas.saxpy(count, coefficients[k] as number, values, at, out, at);
    });
  }
  return out;
}

/** What a kernel was given for point k of the curve, under the names of a single stack. */
function inputsOf(inputs: NamedTensorInfoMap, k: number): NamedTensorInfoMap {
  const { images, labels } = inputs as { images: TensorInfo; labels: TensorInfo };
  const prefix = `${k}/`;
  const own = Object.entries(inputs).filter(([name]) => name.startsWith(prefix));
  return {
    images,
    labels,
    ...Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value])),
  };
}

/** The stack whose weights are Σ cₖ θₖ; they are on loan until the next call. */
function pointOf(backend: BlasBackend, stacks: readonly Stack[], coefficients: readonly number[]): Stack {
  const [first] = stacks as readonly [Stack, ...Stack[]];
  const of = (l: number, part: "kernel" | "bias") =>
    stacks.map(({ layers }) => (layers[l] as Layer)[part] as Float32Array);
  const sizes = first.layers.flatMap(({ kernel, bias }) => [kernel.length, bias?.length ?? 0]);
  const workspace = workspaceFor(combined, backend, sizes);
  const layers = first.layers.map((layer, l): Layer => {
    const kernel = combine(backend, coefficients, of(l, "kernel"), workspace.array(2 * l));
    if (layer.bias === undefined) return { ...layer, kernel };
    return {
      ...layer,
      kernel,
      bias: combine(backend, coefficients, of(l, "bias"), workspace.array(2 * l + 1)),
    };
  });
  return { ...first, layers };
}

/**
 * One step of gradient descent with momentum on the points of a curve of stacks of dense layers, in place. With θ = Σ cₖ θₖ and g the
 * gradient at θ: vₖ ← μ vₖ + cₖ (g + ρ θ) + λ θₖ, θₖ ← θₖ - η vₖ for every point that has velocities; the others stay. Neither θ
 * nor a gradient is ever stored as a tensor.
 *
 * Inputs: `images [batch, inputs]`, `labels [batch]` int32, and for point k `<k>/kernel<l>`, `<k>/bias<l>` where there is one, and
 * `<k>/kernelVelocity<l>`, `<k>/biasVelocity<l>` where it is trained. Attributes: `activations`, `coefficients` c, `penalty` ρ,
 * `momentum` μ, `weightDecay` λ, `learningRate` η. Output: the mean cross-entropy at θ before the update, `[]`.
 */
export const denseStackCurveMomentum: KernelFunc = ({ inputs, attrs, backend: owner }) => {
  const backend = owner as BlasBackend;
  const { blas } = backend;
  const { coefficients, penalty, momentum, weightDecay, learningRate } = attrs as unknown as Record<
    "penalty" | "momentum" | "weightDecay" | "learningRate",
    number
  > & { readonly coefficients: readonly number[] };
  const given = coefficients.map((_, k) => inputsOf(inputs, k));
  const stacks = given.map((own) => readStack(backend, own, attrs as NamedAttrMap));
  const point = pointOf(backend, stacks, coefficients);
  /** Everything of a velocity but the gradient, which is there already, and the step. */
  const descend = (k: number, value: Float32Array, velocity: Float32Array, at: Float32Array): void => {
    const pull = (coefficients[k] as number) * penalty;
    if (pull !== 0) blas.saxpy(value.length, pull, at, 0, velocity, 0);
    if (weightDecay !== 0) blas.saxpy(value.length, weightDecay, value, 0, velocity, 0);
    blas.saxpy(value.length, -learningRate, velocity, 0, value, 0);
  };
  const loss = propagate(backend, point, (l, read, delta) => {
    const { kernel: pointKernel, bias: pointBias, inputs: rows, units } = point.layers[l] as Layer;
    given.forEach((own, k) => {
      const name = `kernelVelocity${l}`;
      if (own[name] === undefined) return;
      const { kernel, bias } = (stacks[k] as Stack).layers[l] as Layer;
      const c = coefficients[k] as number;
      const velocity = floats(backend, own[name], name);
      blas.sgemm(
        true,
        false,
        rows,
        units,
        point.batch,
        c,
        read,
        0,
        rows,
        delta,
        0,
        units,
        momentum,
        velocity,
        0,
        units,
      );
      descend(k, kernel, velocity, pointKernel);
      if (bias === undefined) return;
      const biasVelocity = floats(backend, own[`biasVelocity${l}`] as TensorInfo, `biasVelocity${l}`);
      addColumnSums(delta, point.batch, c, momentum, biasVelocity);
      descend(k, bias, biasVelocity, pointBias as Float32Array);
    });
  });
  return backend.tensorOf(Float32Array.of(loss), []);
};
