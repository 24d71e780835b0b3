import type { Json, JsonObject } from "../contracts/json.js";
import type { ModelSpec } from "../contracts/model.js";
import type { ArrayValue, Params } from "../contracts/params.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { entry, isModelSpec, isObject } from "./checkpoint.js";
import { malformedFile } from "./malformed.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";

/** Version of the tensors' names and of the metadata. */
const FORMAT = "1";

/** Several weights of one architecture that belong together: the control points of a curve, a network and its bends. */
export interface ParameterSets {
  readonly spec: ModelSpec;
  /** The weights by name, e.g. `point0`, `point1`, … */
  readonly sets: Readonly<Record<string, Params>>;
  /** What else is needed to read them, e.g. `{ family: "bezier", at: 0.5, points: 3 }` for a curve. */
  readonly details: Json;
  /** Whatever their maker recorded. */
  readonly provenance: JsonObject;
}

/**
 * Several weights as one safetensors file. A tensor is called `<set>/<parameter>`, e.g. `point1/layers.0.kernel`, with the set's
 * name percent-encoded; the metadata entries `isthmus.sets`, `isthmus.model`, `isthmus.details` and `isthmus.provenance` hold the rest.
 *
 * @throws `checkpoint/unwritable`
 * @example
 * const bytes = encodeParameterSets({ spec, sets: { point0, point1 }, details: { family: "bezier" }, provenance: {} });
 */
export function encodeParameterSets({
  spec,
  sets,
  details,
  provenance,
}: ParameterSets): Uint8Array<ArrayBuffer> {
  const tensors = Object.entries(sets).flatMap(([set, params]) =>
    [...params].map(([name, value]) => [`${encodeURIComponent(set)}/${name}`, value] as const),
  );
  return writeSafetensors(new Map(tensors), {
    "isthmus.sets": FORMAT,
    "isthmus.model": JSON.stringify(spec),
    "isthmus.details": JSON.stringify(details),
    "isthmus.provenance": JSON.stringify(provenance),
  });
}

/** The name that stands percent-encoded before the slash; undefined where that is none. */
function setName(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded) || undefined;
  } catch {
    return undefined;
  }
}

/** The tensors by set, in the order of the file. */
function bySet(tensors: Params, source: string): Record<string, Params> {
  const sets = new Map<string, Map<string, ArrayValue>>();
  for (const [key, value] of tensors) {
    const slash = key.indexOf("/");
    const set = setName(key.slice(0, Math.max(0, slash)));
    if (set === undefined)
      throw malformedFile(source, "a file of several networks", `the tensor "${key}" belongs to no set`);
    const params = sets.get(set) ?? new Map<string, ArrayValue>();
    sets.set(set, params.set(key.slice(slash + 1), value));
  }
  return Object.fromEntries(sets);
}

/**
 * Reads what {@link encodeParameterSets} wrote. Whether the weights fit the model is for `checkParams` to tell.
 *
 * @param source names the file in errors
 * @throws `checkpoint/one-network` for any other safetensors file, `checkpoint/unknown-format`, `checkpoint/malformed`,
 * `checkpoint/unsupported-dtype`
 */
export function decodeParameterSets(bytes: Uint8Array, source: string): ParameterSets {
  const { tensors, metadata } = readSafetensors(bytes, source);
  const format = Object.hasOwn(metadata, "isthmus.sets") ? metadata["isthmus.sets"] : undefined;
  if (format === undefined) {
    throw new IsthmusError({
      code: "checkpoint/one-network",
      message: `${source} is a safetensors file, but not one of several networks that belong together, like the points of a curve.`,
      hint: "Give the file that `isthmus fuse curve` wrote beside the fused network: <name>.curve.safetensors.",
    });
  }
  if (format !== FORMAT) {
    throw new IsthmusError({
      code: "checkpoint/unknown-format",
      message: `${source} holds networks in format ${JSON.stringify(format)}; this version reads format ${FORMAT}.`,
      hint: "Update Isthmus to the version that wrote the file.",
    });
  }
  return {
    spec: entry(metadata, "isthmus.model", isModelSpec, source),
    sets: bySet(tensors, source),
    details: entry(metadata, "isthmus.details", (value): value is Json => value !== undefined, source),
    provenance: entry(metadata, "isthmus.provenance", isObject, source),
  };
}
