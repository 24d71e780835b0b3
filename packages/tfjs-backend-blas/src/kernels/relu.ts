import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import type { BlasBackend } from "../backend/backend.js";
import { floats } from "./dense-stack-pass.js";
import { Workspace } from "./workspace.js";

/** Numbers that are worked on at a time: they stay in the processor's nearest cache between the copies. */
const BLOCK = 4096;
const workspace = new Workspace([BLOCK, BLOCK]);
const block = workspace.array(0);
const second = workspace.array(1);

/**
 * `out[i] = max(0, x[i])`, NaN where `x` is NaN; `out` may be `x`. Copied into WebAssembly's memory and back, block by block: four
 * numbers at a time there are worth the two copies.
 */
export function relu(x: Float32Array, out: Float32Array): void {
  for (let at = 0; at < x.length; at += BLOCK) {
    const part = x.subarray(at, at + BLOCK);
    const place = part.length === BLOCK ? block : block.subarray(0, part.length);
    place.set(part);
    workspace.relu(place);
    out.set(place, at);
  }
}

/**
 * The gradient of ReLU: `dy` where its result `y` is positive, else 0, also where `y` is NaN.
 *
 * Inputs: `dy` and `y`, of one shape. Output: the gradient.
 */
export const reluGradient: KernelFunc = ({ inputs, backend: owner }) => {
  const backend = owner as BlasBackend;
  const dy = floats(backend, inputs.dy as TensorInfo, "dy");
  const y = floats(backend, inputs.y as TensorInfo, "y");
  if (dy.length !== y.length) throw new Error(`"dy" has ${dy.length} numbers, "y" has ${y.length}.`);
  const out = backend.allocate(dy.length);
  for (let at = 0; at < dy.length; at += BLOCK) {
    const length = Math.min(BLOCK, dy.length - at);
    const [gradient, output] = [block.subarray(0, length), second.subarray(0, length)];
    gradient.set(dy.subarray(at, at + length));
    output.set(y.subarray(at, at + length));
    workspace.keepWherePositive(gradient, output);
    out.set(gradient, at);
  }
  return backend.tensorOf(out, (inputs.y as TensorInfo).shape);
};
