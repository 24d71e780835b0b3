import type { Json, JsonObject } from "../../contracts/json.js";
import { IsthmusError } from "../../errors/isthmus-error.js";
import { quoted } from "../safetensors-header.js";
import { TorchFileTensor } from "./torch-tensor.js";

/** Where programs usually keep the state dict, the likeliest first. */
const USUAL_NAMES = [
  "state_dict",
  "model_state_dict",
  "model_state",
  "model",
  "net",
  "network",
  "params",
  "weights",
  "state",
];
/** How many dictionaries may lie around it. */
const MAX_DEPTH = 4;

/** A state dict, and what its file says beside it. */
export interface StateDict {
  readonly tensors: ReadonlyMap<string, TorchFileTensor>;
  readonly provenance: JsonObject;
}

function tensorsIn(value: unknown): Map<string, TorchFileTensor> {
  const found = new Map<string, TorchFileTensor>();
  if (value instanceof Map)
    for (const [key, each] of value) {
      if (typeof key === "string" && each instanceof TorchFileTensor) found.set(key, each);
    }
  return found;
}

/** Numbers, texts and booleans of a dictionary. */
function plainValues(value: ReadonlyMap<unknown, unknown>): JsonObject {
  const entries = [...value].filter(
    ([key, each]) =>
      typeof key === "string" &&
      (typeof each === "string" || typeof each === "boolean" || Number.isFinite(each)),
  );
  return Object.fromEntries(entries as [string, Json][]);
}

function refused(source: string, message: string, hint: string): IsthmusError {
  return new IsthmusError({ code: "checkpoint/no-state-dict", message: `${source} ${message}.`, hint });
}

/**
 * Finds the state dict in what `torch.save` wrote: under one of its usual names, else the value itself, else the only dictionary of
 * tensors in it.
 *
 * @throws `checkpoint/no-state-dict` where there is none, or where there are several
 */
export function findStateDict(value: unknown, source: string): StateDict {
  let provenance: JsonObject = {};
  let around = value;
  for (let depth = 0; around instanceof Map && depth < MAX_DEPTH; depth++) {
    const dictionary: ReadonlyMap<unknown, unknown> = around;
    const inner = [...dictionary.keys()].filter((key) => dictionary.get(key) instanceof Map);
    const usual = USUAL_NAMES.find((name) => inner.includes(name));
    const own = tensorsIn(dictionary);
    if (usual === undefined && own.size > 0) return { tensors: own, provenance };
    provenance = { ...plainValues(dictionary), ...provenance };
    const filled = inner.filter((key) => tensorsIn(dictionary.get(key)).size > 0);
    if (usual === undefined && filled.length > 1) {
      throw refused(
        source,
        `holds several state dicts: ${filled.map((key) => quoted(String(key))).join(", ")}`,
        "Save the one of the network alone.",
      );
    }
    around = dictionary.get(usual ?? filled[0]);
  }
  throw refused(
    source,
    "holds no state dict, a dictionary from names to tensors",
    "Save it with torch.save(model.state_dict(), FILE).",
  );
}
