import { modelBuilder } from "./model-builder.js";
import { OutputCache } from "./output-cache.js";
import type { RunPorts } from "./ports.js";
import { runStep } from "./run-step.js";
import type { StepRunner } from "./step-runner.js";

/**
 * Computes steps in this process, one at a time. Outputs stay in memory until they are released, so that the steps that read
 * them need not read the store.
 */
export function inProcessRunner(ports: RunPorts): StepRunner {
  const buildModel = modelBuilder(ports.host);
  const cache = new OutputCache((record) => ports.store.outputs(record, buildModel));
  return {
    width: 1,
    run: async ({ step, inputs, events, signal }) => {
      const { record, outputs } = await runStep(step, await cache.inputs(inputs), ports, signal, events);
      cache.keep(step.key, outputs);
      return record;
    },
    release: (key) => cache.release(key),
  };
}
