import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs-core";
import type { BlasBackend } from "../backend/backend.js";
import { crossEntropySlope } from "./cross-entropy-slope.js";
import { Workspace } from "./workspace.js";

export type Activation = "relu" | "linear";

/** One layer, x ← activation(x · kernel + bias): kernel `[inputs, units]`, bias `[units]`. */
export interface Layer {
  readonly kernel: Float32Array;
  readonly bias: Float32Array | undefined;
  readonly inputs: number;
  readonly units: number;
  readonly activation: Activation;
}

/** A stack of dense layers and the batch it reads; `images [batch, inputs]`, `labels [batch]`. */
export interface Stack {
  readonly layers: readonly Layer[];
  readonly images: Float32Array;
  readonly labels: Int32Array;
  readonly batch: number;
}

/** Called for each layer from the last to the first; what it reads and the loss's gradient by its pre-activations are on loan. */
export type Visit = (l: number, read: Float32Array, delta: Float32Array) => void;

/** Workspaces of one purpose: each backend's last one, kept from one batch to the next. */
export type Workspaces = WeakMap<BlasBackend, Workspace>;

const passes: Workspaces = new WeakMap();

/** The workspace that is kept, where its arrays have these sizes, else a new one. */
export function workspaceFor(kept: Workspaces, backend: BlasBackend, sizes: readonly number[]): Workspace {
  const held = kept.get(backend);
  if (held?.sizes.join() === sizes.join()) return held;
  const workspace = new Workspace(sizes);
  kept.set(backend, workspace);
  return workspace;
}

/** The numbers of an input, or an error that names it. */
export const floats = (backend: BlasBackend, tensor: TensorInfo, name: string): Float32Array => {
  const values = backend.floats(tensor);
  if (values === undefined) throw new Error(`"${name}" is to be float32, not ${tensor.dtype}.`);
  return values;
};

/** The stack that a kernel was given, checked. */
export function readStack(backend: BlasBackend, inputs: NamedTensorInfoMap, attrs: NamedAttrMap): Stack {
  const { activations } = attrs as unknown as { activations: readonly Activation[] };
  const { images, labels } = inputs as { images: TensorInfo; labels: TensorInfo };
  const [batch, size] = images.shape as [number, number];
  let width = size;
  const layers = activations.map((activation, l) => {
    const kernel = inputs[`kernel${l}`] as TensorInfo;
    const bias = inputs[`bias${l}`];
    const [rows, units] = kernel.shape as [number, number];
    if (rows !== width || (bias !== undefined && bias.shape[0] !== units))
      throw new Error(
        `Layer ${l} has a kernel [${kernel.shape}] and a bias [${bias?.shape ?? ""}], but reads ${width} numbers.`,
      );
    width = units;
    return {
      kernel: floats(backend, kernel, `kernel${l}`),
      bias: bias === undefined ? undefined : floats(backend, bias, `bias${l}`),
      inputs: rows,
      units,
      activation,
    };
  });
  if (labels.shape[0] !== batch) throw new Error(`There are ${batch} images, but ${labels.shape[0]} labels.`);
  const answers = backend.data.get(labels.dataId).values as Int32Array;
  return { layers, images: floats(backend, images, "images"), labels: answers, batch };
}

/**
 * Forward, then back through the layers by the chain rule. With H what a layer reads, K its kernel and D the gradient by its
 * pre-activations: D below = D Kᵀ ⊙ [H > 0].
 *
 * @returns the mean cross-entropy
 */
export function propagate(backend: BlasBackend, stack: Stack, visit: Visit): number {
  const { blas } = backend;
  const { layers, images, labels, batch } = stack;
  // For each layer, what it gives `[batch, units]`, and the loss's gradient by its pre-activations.
  const sizes = layers.flatMap(({ units }) => [batch * units, batch * units]);
  const workspace = workspaceFor(passes, backend, sizes);
  const read = [images];
  layers.forEach(({ kernel, bias, inputs, units, activation }, l) => {
    const out = workspace.array(2 * l);
    if (bias !== undefined) for (let row = 0; row < batch; row++) out.set(bias, row * units);
    const x = read[l] as Float32Array;
    blas.sgemm(
      false,
      false,
      batch,
      units,
      inputs,
      1,
      x,
      0,
      inputs,
      kernel,
      0,
      units,
      bias === undefined ? 0 : 1,
      out,
      0,
      units,
    );
    if (activation === "relu") workspace.relu(out);
    read.push(out);
  });
  const { units: classes } = layers.at(-1) as Layer;
  let delta = workspace.array(2 * layers.length - 1);
  const loss = crossEntropySlope(read.at(-1) as Float32Array, labels, batch, classes, delta);
  for (let l = layers.length - 1; l >= 0; l--) {
    const { kernel, inputs, units, activation } = layers[l] as Layer;
    if (activation === "relu") workspace.keepWherePositive(delta, read[l + 1] as Float32Array);
    const below = l === 0 ? delta : workspace.array(2 * l - 1);
    if (l > 0)
      blas.sgemm(
        false,
        true,
        batch,
        inputs,
        units,
        1,
        delta,
        0,
        units,
        kernel,
        0,
        units,
        0,
        below,
        0,
        inputs,
      );
    visit(l, read[l] as Float32Array, delta);
    delta = below;
  }
  return loss;
}

/** target ← decay · target + factor · Σ over the batch of delta */
export function addColumnSums(
  delta: Float32Array,
  batch: number,
  factor: number,
  decay: number,
  target: Float32Array,
): void {
  const units = target.length;
  for (let u = 0; u < units; u++) target[u] *= decay;
  for (let row = 0; row < batch; row++)
    for (let u = 0, at = row * units; u < units; u++, at++) target[u] += factor * delta[at];
}
