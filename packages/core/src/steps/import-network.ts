import { encodeCheckpoint } from "../checkpoint/checkpoint.js";
import type { ImportedNetwork } from "../contracts/experiment.js";
import type { Network } from "../contracts/fusion.js";
import type { Json } from "../contracts/json.js";
import { sha256 } from "../numerics/sha256.js";
import { type KeyedStep, planKeys } from "./plan-keys.js";
import type { RunPorts } from "./ports.js";

/**
 * Keeps a network in the store as the output of a finished step of kind `import`, so that plans can read it like any other. The
 * step is known by the network alone: the same network in two files is one step.
 *
 * @param origin where it came from, for people
 */
export async function importNetwork(
  network: Network,
  origin: Json,
  ports: RunPorts,
): Promise<ImportedNetwork> {
  const { spec } = network.model;
  const imported = { sha256: await sha256(encodeCheckpoint({ spec, params: network.params }, {})), spec };
  const step = { id: "import", kind: "import", options: JSON.parse(JSON.stringify(imported)), inputs: {} };
  const { key, kind, description, plugins } = (await planKeys({ steps: [step], networks: [] }, ports)).get(
    step.id,
  ) as KeyedStep;
  if ((await ports.store.find(key)) === undefined) {
    const now = ports.clock.now();
    const { environment, engine } = ports;
    const provenance = { environment, engine, plugins, startedAt: now, finishedAt: now, seconds: 0 };
    await ports.store.finish(
      { key, kind, description, metrics: [], provenance },
      { network, details: origin },
    );
  }
  return imported;
}
