import type { PlannedNetwork } from "../contracts/experiment.js";
import type { Json, JsonObject } from "../contracts/json.js";
import type { DatasetInput } from "../contracts/tracker.js";
import type { KeyedStep } from "./plan-keys.js";
import type { EngineIdentity, Environment, StepRecord } from "./record.js";

/** Longest digest that a tracking server takes. */
const DIGEST_LENGTH = 36;

/** Where runs come from, as tags. */
export interface RunSource {
  /** What was started, e.g. `recipes/mnist.yaml`. */
  readonly source: string;
  /** Picked choices of the recipe, e.g. `{ protocol: "seed" }`. */
  readonly choices: Readonly<Record<string, string>>;
  readonly environment: Environment;
  readonly engine: EngineIdentity;
}

/** Tags that every run of an invocation carries. */
export function sourceTags({ source, choices, environment, engine }: RunSource): Record<string, string> {
  const { commit, platform, node } = environment;
  return {
    ...choices,
    backend: engine.backend,
    "isthmus.engine": `${engine.version}, ${engine.threads} ${engine.threads === 1 ? "thread" : "threads"}`,
    "isthmus.platform": node === undefined ? platform : `${platform}, node ${node}`,
    "mlflow.source.name": source,
    "mlflow.source.type": "LOCAL",
    ...(commit === undefined ? {} : { "mlflow.source.git.commit": commit }),
  };
}

/** Tags of a network's run. A reused one carries the provenance of its record, not that of this invocation. */
export function networkTags(
  network: PlannedNetwork,
  step: KeyedStep,
  origin: RunSource,
  color: string,
  record: StepRecord | undefined,
): Readonly<Record<string, string>> {
  const { environment, engine, plugins } = record?.provenance ?? { ...origin, plugins: step.plugins };
  const versions = Object.entries(plugins).map(([name, version]) => `${name} ${version}`);
  return {
    ...sourceTags({ ...origin, environment, engine }),
    ...network.tags,
    row: network.row,
    seed: String(network.seed),
    "isthmus.step": step.key,
    "isthmus.plugins": versions.sort().join(", "),
    "mlflow.runColor": color,
    ...(record === undefined ? {} : { "isthmus.reused": "true" }),
  };
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The data a network was trained on and evaluated with, each once. */
export function datasetInputs(
  network: PlannedNetwork,
  steps: ReadonlyMap<string, KeyedStep>,
): readonly DatasetInput[] {
  const inputs = new Map<string, DatasetInput>();
  for (const id of [network.step, ...network.evaluations]) {
    const dataset = steps.get(id)?.dataset;
    if (dataset === undefined) continue;
    const context = id === network.step ? "training" : "evaluation";
    inputs.set(`${context} ${dataset.name} ${dataset.digest}`, {
      name: dataset.name,
      digest: dataset.digest.slice(0, DIGEST_LENGTH),
      context,
      source: { dataset: dataset.name, ...(isObject(dataset.options) ? { options: dataset.options } : {}) },
    });
  }
  return [...inputs.values()];
}
