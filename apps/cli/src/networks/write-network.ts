import type { JsonObject, Network, Params, StepOutputs, StepRecord } from "@isthmus/core";
import { encodeCheckpoint, encodeParameterSets, encodeTorchSafetensors } from "@isthmus/core";
import { writeAtomically } from "@isthmus/core/node";
import type { EvaluationDocument } from "../results/evaluation-document.js";

/** What a checkpoint says of where it comes from. */
export function provenanceOf(
  { key, kind, description, summary, provenance }: StepRecord,
  more: { readonly inputs?: readonly string[]; readonly test?: EvaluationDocument | undefined },
): JsonObject {
  const { options, dataset, engine } = description;
  const { environment, plugins, startedAt, finishedAt, seconds } = provenance;
  const { inputs, test } = more;
  return JSON.parse(
    JSON.stringify({
      ...{ kind, options, inputs, dataset, engine, key },
      metrics: { ...summary, ...(test && { "test/accuracy": test.accuracy / 100, "test/loss": test.loss }) },
      ...{ environment, plugins, startedAt, finishedAt, seconds },
    }),
  );
}

/** Writes a network as a checkpoint, whole or not at all; with `torch`, under the keys and in the layouts of PyTorch. */
export async function writeNetwork(
  path: string,
  network: Network,
  provenance: JsonObject,
  { torch }: { readonly torch: boolean },
): Promise<void> {
  const { model, params } = network;
  const bytes = torch
    ? encodeTorchSafetensors(network, provenance)
    : encodeCheckpoint({ spec: model.spec, params }, provenance);
  await writeAtomically(path, bytes);
}

/** Writes what a method gave besides the network, such as the points of a curve. */
export async function writeParameterSets(
  path: string,
  { model }: Network,
  { details = null }: StepOutputs,
  sets: Readonly<Record<string, Params>>,
  provenance: JsonObject,
): Promise<void> {
  await writeAtomically(path, encodeParameterSets({ spec: model.spec, sets, details, provenance }));
}
