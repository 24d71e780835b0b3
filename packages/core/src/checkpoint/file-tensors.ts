import type { JsonObject } from "../contracts/json.js";
import type { Params } from "../contracts/params.js";
import { malformedFile } from "./malformed.js";
import { quoted } from "./safetensors-header.js";
import type { TorchFile } from "./torch/read-torch.js";
import { findStateDict } from "./torch/state-dict.js";

/** The tensors of a network in a file that does not say which network that is. */
export interface FileTensors {
  /** In the order of the file. */
  readonly tensors: Params;
  /** Names of the tensors that float32 is too short for. */
  readonly rounded: readonly string[];
  /** Plain values that the file keeps beside the tensors: an epoch, an accuracy. */
  readonly provenance: JsonObject;
}

/** How many values tensors may be together, as a multiple of those in their storages, which they can share. */
const MAX_SHARING = 16;

/** The state dict in a PyTorch file, as float32. */
export function tensorsOfTorch(file: TorchFile, source: string): FileTensors {
  const { tensors: views, provenance } = findStateDict(file.value, source);
  const stored = new Set([...views.values()].map(({ storage }) => storage.whole));
  const held = [...stored].reduce((sum, { count }) => sum + count, 0);
  const wanted = [...views.values()].reduce((sum, { count }) => sum + count, 0);
  if (wanted > MAX_SHARING * held) {
    throw malformedFile(
      source,
      "a valid PyTorch file",
      `its tensors are ${wanted} values, made of ${held} that they share`,
    );
  }
  const read = [...views].map(([name, view]) => [name, view.read()] as const);
  const rounded = read.filter(([, { rounded }]) => rounded).map(([name]) => name);
  return {
    tensors: new Map(read.map(([name, { shape, data }]) => [name, { shape, data }])),
    rounded,
    provenance,
  };
}

/** Prefixes that wrappers of networks put before every key. */
const WRAPPERS = ["module.", "_orig_mod.", "model.", "net.", "network."];

/**
 * The tensors without what is no weight of the network: counters of batches of a normalization, and prefixes of wrappers that all keys
 * have.
 */
export function withoutWrapping(tensors: Params): Params {
  let result = new Map([...tensors].filter(([key]) => !/(^|\.)num_batches_tracked$/.test(key)));
  for (;;) {
    const keys = [...result.keys()];
    const prefix = WRAPPERS.find((each) => keys.length > 0 && keys.every((key) => key.startsWith(each)));
    if (prefix === undefined) return result;
    result = new Map([...result].map(([key, value]) => [key.slice(prefix.length), value]));
  }
}

/** Keys and shapes as they may stand in a message, the first few of them. */
export function describeTensors(tensors: Params): string {
  const shown = [...tensors].slice(0, 8).map(([key, { shape }]) => `${quoted(key)} [${shape.join(", ")}]`);
  return tensors.size > shown.length
    ? `${shown.join(", ")} and ${tensors.size - shown.length} more`
    : shown.join(", ");
}
