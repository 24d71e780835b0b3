import type { Network } from "../contracts/fusion.js";
import type { JsonObject } from "../contracts/json.js";
import type { ModelSpec } from "../contracts/model.js";
import type { Params } from "../contracts/params.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";
import { toTorch } from "./torch/assign-tensors.js";

/** Version of the metadata entries below. */
const FORMAT = "1";
/** Says `torch` where the tensors are laid out and named as PyTorch does. */
const LAYOUT = "isthmus.layout";

/** A network on disk: its weights, the JSON its model is rebuilt from, and where it came from. */
export interface Checkpoint {
  readonly spec: ModelSpec;
  readonly params: Params;
  /** Whatever its maker recorded: recipe, step, seed, metrics, versions. */
  readonly provenance: JsonObject;
}

/**
 * A network as a safetensors file that any safetensors reader can open; the metadata entries `isthmus.format`,
 * `isthmus.model` and `isthmus.provenance` hold the rest. The same input gives the same bytes.
 * Numbers that JSON does not have (NaN, ±Infinity) become null in the provenance.
 */
export function encodeCheckpoint(
  network: { readonly spec: ModelSpec; readonly params: Params },
  provenance: JsonObject,
): Uint8Array<ArrayBuffer> {
  return writeSafetensors(network.params, ownMetadata(network.spec, provenance));
}

function ownMetadata(spec: ModelSpec, provenance: JsonObject): Record<string, string> {
  return {
    "isthmus.format": FORMAT,
    "isthmus.model": JSON.stringify(spec),
    "isthmus.provenance": JSON.stringify(provenance),
  };
}

/**
 * A network as safetensors that PyTorch can load: keys, order and layouts are those of its state dict. The metadata says what
 * {@link encodeCheckpoint} says, so that `openNetworkFile` gives back the same network. Throws `checkpoint/no-torch` where the
 * architecture does not describe its state dict.
 *
 * @example
 * await writeFile("net.safetensors", encodeTorchSafetensors({ model, params }, {}));
 * // in Python: model.load_state_dict(safetensors.torch.load_file("net.safetensors"))
 */
export function encodeTorchSafetensors(
  { model, params }: Network,
  provenance: JsonObject,
): Uint8Array<ArrayBuffer> {
  return writeSafetensors(toTorch(model, params), {
    format: "pt",
    ...ownMetadata(model.spec, provenance),
    [LAYOUT]: "torch",
  });
}

/** True for a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** True for what a model can be rebuilt from. */
export function isModelSpec(value: unknown): value is ModelSpec & JsonObject {
  if (!isObject(value) || typeof value.architecture !== "string" || !Object.hasOwn(value, "options"))
    return false;
  const { task } = value;
  return (
    isObject(task) && Array.isArray(task.inputShape) && task.inputShape.every(isSize) && isSize(task.classes)
  );
}

/** A metadata entry's JSON, checked. */
export function entry<Value>(
  metadata: Readonly<Record<string, string>>,
  key: string,
  is: (value: unknown) => value is Value,
  source: string,
): Value {
  let value: unknown;
  let cause: unknown;
  try {
    value = JSON.parse(metadata[key] ?? "");
  } catch (error) {
    cause = error;
  }
  if (is(value)) return value;
  throw new IsthmusError({
    code: "checkpoint/malformed",
    message: `${source}: the metadata entry "${key}" is missing or not what it should be.`,
    hint: "The file was changed or damaged; make the checkpoint again.",
    cause,
  });
}

/** True where safetensors say that Isthmus wrote them. */
export function isOwnMetadata(metadata: Readonly<Record<string, string>>): boolean {
  return Object.hasOwn(metadata, "isthmus.format") || Object.hasOwn(metadata, "isthmus.sets");
}

/** The checkpoint that tensors and metadata are, its tensors in the layout that is given with it. */
export function checkpointOf(
  tensors: Params,
  metadata: Readonly<Record<string, string>>,
  source: string,
): Checkpoint & { readonly layout: "isthmus" | "torch" } {
  if (Object.hasOwn(metadata, "isthmus.sets")) {
    throw new IsthmusError({
      code: "checkpoint/several-networks",
      message: `${source} holds several weights of one architecture (the points of a curve, say), not one network.`,
      hint: "Give the checkpoint of a network; a curve goes after --curve.",
    });
  }
  if (!isOwnMetadata(metadata)) {
    throw new IsthmusError({
      code: "checkpoint/not-isthmus",
      message: `${source} is a safetensors file, but not a checkpoint of Isthmus: it does not say which architecture its weights belong to.`,
      hint: "Open it with openNetworkFile, which finds the architecture, or read the bare tensors with readSafetensors.",
    });
  }
  const format = metadata["isthmus.format"];
  if (format !== FORMAT) {
    throw new IsthmusError({
      code: "checkpoint/unknown-format",
      message: `${source} is a checkpoint of format ${JSON.stringify(format)}; this version reads format ${FORMAT}.`,
      hint: "Update Isthmus to the version that wrote the checkpoint.",
    });
  }
  return {
    spec: entry(metadata, "isthmus.model", isModelSpec, source),
    params: tensors,
    provenance: entry(metadata, "isthmus.provenance", isObject, source),
    layout: metadata[LAYOUT] === "torch" ? "torch" : "isthmus",
  };
}

/**
 * Reads what {@link encodeCheckpoint} wrote. Whether the weights fit the model is for `checkParams` to tell, once the model
 * is rebuilt. `source` names the file in errors: `checkpoint/not-isthmus` for a safetensors file without our metadata,
 * `checkpoint/torch-layout` for what {@link encodeTorchSafetensors} wrote, `checkpoint/several-networks` for what
 * `encodeParameterSets` wrote, `checkpoint/unknown-format` for a checkpoint of a later version, `checkpoint/malformed`,
 * `checkpoint/unsupported-dtype`.
 */
export function decodeCheckpoint(bytes: Uint8Array, source: string): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes, source);
  const { layout, ...checkpoint } = checkpointOf(tensors, metadata, source);
  if (layout === "isthmus") return checkpoint;
  throw new IsthmusError({
    code: "checkpoint/torch-layout",
    message: `The tensors of ${source} are laid out for PyTorch.`,
    hint: "Open it with openNetworkFile, which turns them back.",
  });
}
