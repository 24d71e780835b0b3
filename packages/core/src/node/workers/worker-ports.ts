import { IsthmusError } from "../../errors/isthmus-error.js";
import { useBackend } from "../../numerics/engine/engine.js";
import { hostDatasets } from "../../steps/datasets.js";
import type { RunPorts } from "../../steps/ports.js";
import type { EngineIdentity } from "../../steps/record.js";
import { FileCodeDigest } from "../code-digest.js";
import { nodeDataFiles } from "../data-files.js";
import { openHost } from "../discovery.js";
import { FileStore } from "../file-store.js";
import { systemClock } from "../system-clock.js";
import type { WorkerSetup } from "./messages.js";

const inWords = ({ backend, threads, version }: EngineIdentity) =>
  `${backend}, ${threads} threads, ${version}`;

/** Starts the engine that the keys were made for. */
async function startEngine(wanted: EngineIdentity): Promise<EngineIdentity> {
  const { backend, threads, version } = await useBackend(wanted.backend, { threads: wanted.threads });
  const engine = { backend, threads, version };
  if (inWords(engine) === inWords(wanted)) return engine;
  throw new IsthmusError({
    code: "step/engine-differs",
    message: `a worker process computes with ${inWords(engine)}, not with ${inWords(wanted)} as planned.`,
    hint: "Compute in one process: --workers 1.",
  });
}

/** What a worker needs to compute steps: the project's plugins and store, its data, an engine of its own. */
export async function workerPorts(setup: WorkerSetup): Promise<RunPorts> {
  const engine = await startEngine(setup.engine);
  const host = await openHost(setup.project);
  return {
    host,
    engine,
    datasets: hostDatasets(host, { files: nodeDataFiles(setup.data) }),
    store: new FileStore(setup.kept),
    environment: setup.environment,
    code: new FileCodeDigest(host),
    clock: systemClock,
  };
}
