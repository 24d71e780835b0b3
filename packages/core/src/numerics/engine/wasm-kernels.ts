import type { TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "./tf.js";
import { replaceConvolutions } from "./wasm-convolutions.js";
import { sizeOf, wasmModule } from "./wasm-module.js";
import { replaceProducts } from "./wasm-products.js";

const DONE = Symbol.for("isthmus.engine.wasm-kernels");

/**
 * Replaces products and convolutions of the wasm backend by our own (assembly/kernels.ts), for every caller, and adds
 * `MomentumUpdate` of fast-kernels.ts. Leaves the backend as it is where its memory is out of reach.
 */
export async function installWasmKernels(): Promise<void> {
  const done = globalThis as { [DONE]?: boolean };
  if (done[DONE]) return;
  const module = await wasmModule();
  if (module === undefined) return;
  replaceProducts(module);
  replaceConvolutions(module);
  tf.registerKernel({
    kernelName: "MomentumUpdate",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) => {
      const { value, velocity, gradient } = inputs as Record<"value" | "velocity" | "gradient", TensorInfo>;
      const [theta, v, g] = [value, velocity, gradient].map((tensor) => module.addressOf(tensor));
      const { momentum, weightDecay, learningRate } = attrs as Record<string, number>;
      module.exports.momentum(theta, v, g, sizeOf(value.shape), momentum, weightDecay, learningRate);
      module.changed(value);
      return [];
    },
  });
  done[DONE] = true;
}
