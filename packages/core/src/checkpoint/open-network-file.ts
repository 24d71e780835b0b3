import type { Network } from "../contracts/fusion.js";
import type { JsonObject } from "../contracts/json.js";
import type { ModelSpec } from "../contracts/model.js";
import type { Params } from "../contracts/params.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { checkParams } from "../numerics/params.js";
import { modelBuilder } from "../steps/model-builder.js";
import { checkpointOf, isOwnMetadata } from "./checkpoint.js";
import { type FileTensors, tensorsOfTorch, withoutWrapping } from "./file-tensors.js";
import { type OpenNetworkOptions, recognize } from "./recognize.js";
import { readSafetensors } from "./safetensors.js";
import { quoted } from "./safetensors-header.js";
import { fromTorch } from "./torch/assign-tensors.js";
import { moduleOrder } from "./torch/module-order.js";
import { isLegacyTorch, isZip, readTorch } from "./torch/read-torch.js";

/** What a file of a network can be: told by its content, whatever its name. */
export type NetworkFormat = "isthmus" | "safetensors" | "torch-zip" | "torch-legacy";

/** A network out of a file. */
export interface OpenedNetwork extends Network {
  /** What the file says of where the network comes from. */
  readonly provenance: JsonObject;
  readonly format: NetworkFormat;
  /** What somebody who opens the file should know, as sentences: values that were rounded, an order that was guessed. */
  readonly notes: readonly string[];
}

/** True where the bytes can begin a safetensors file: the length of a header, and its first character. */
function isSafetensors(bytes: Uint8Array): boolean {
  return bytes.length > 8 && bytes[8] === 0x7b && bytes[6] === 0 && bytes[7] === 0;
}

function shownKeys(keys: readonly string[]): string {
  const shown = keys.slice(0, 4).map(quoted).join(", ");
  return keys.length > 4 ? `${shown} and ${keys.length - 4} more` : shown;
}

/** What a checkpoint says of its model, changed by what is given of the architecture. */
async function specOf(kept: ModelSpec, { host, architecture }: OpenNetworkOptions): Promise<ModelSpec> {
  if (architecture === undefined) return kept;
  const { name, options } = architecture;
  const known = name === kept.architecture ? (kept.options as JsonObject) : {};
  const resolved = await host.checkOptions("architecture", name, { ...known, ...options });
  return { architecture: name, options: resolved, task: kept.task };
}

async function openOwn(
  { spec, params: kept, layout, provenance }: ReturnType<typeof checkpointOf>,
  options: OpenNetworkOptions,
  source: string,
): Promise<OpenedNetwork> {
  const model = await modelBuilder(options.host)(await specOf(spec, options));
  const params = layout === "torch" ? fromTorch(model, kept, source) : kept;
  checkParams(model, params, source);
  return { model, params, provenance, format: "isthmus", notes: [] };
}

/**
 * The orders in which tensors may have been part of their network. A PyTorch file keeps the order; most writers of safetensors sort by
 * name, and then the names tell it.
 */
function possibleOrders(tensors: Params, format: NetworkFormat): Params[] {
  const keys = [...tensors.keys()];
  const restored = new Map(moduleOrder(keys).map((key) => [key, tensors.get(key)!]));
  const isSorted = keys.every((key, i) => i === 0 || keys[i - 1] < key);
  return format === "safetensors" && isSorted ? [restored, tensors] : [tensors, restored];
}

async function openForeign(
  file: FileTensors,
  format: NetworkFormat,
  options: OpenNetworkOptions,
  source: string,
): Promise<OpenedNetwork> {
  const tensors = withoutWrapping(file.tensors);
  const orders = possibleOrders(tensors, format);
  const { model, tensors: ordered } = await recognize(orders, options, source);
  const params = fromTorch(model, ordered, source);
  const notes: string[] = [];
  if (file.rounded.length > 0) {
    notes.push(`${source}: values were rounded to float32 in ${shownKeys(file.rounded)}.`);
  }
  if ([...ordered.keys()].join() !== [...tensors.keys()].join()) {
    notes.push(
      `${source}: the order of its layers was taken from their names: ${shownKeys([...ordered.keys()])}.`,
    );
  }
  return { model, params, provenance: file.provenance, format, notes };
}

/**
 * Opens a network's file, whatever wrote it: a checkpoint of Isthmus, also in PyTorch's layout; safetensors of others; PyTorch's `.pt`,
 * `.pth`, … in both of its formats. The content tells which one it is. Files that do not say their architecture are matched with every
 * one that the host knows by the shapes of their tensors, whatever the keys; where exactly one fits, that is it. Nothing in a file is
 * run, and no file makes this use more time or memory than its size explains.
 *
 * @param source names the file in messages
 * @throws `checkpoint/…` (see docs/errors.md) and what the host throws about the architecture that is named
 *
 * @example
 * const { model, params, notes } = await openNetworkFile(await readFile("net.pt"), "net.pt", { host });
 */
export async function openNetworkFile(
  bytes: Uint8Array,
  source: string,
  options: OpenNetworkOptions,
): Promise<OpenedNetwork> {
  if (isZip(bytes) || isLegacyTorch(bytes)) {
    const file = readTorch(bytes, source);
    return openForeign(tensorsOfTorch(file, source), file.format, options, source);
  }
  if (isSafetensors(bytes)) {
    const { tensors, metadata, rounded } = readSafetensors(bytes, source);
    if (isOwnMetadata(metadata)) return openOwn(checkpointOf(tensors, metadata, source), options, source);
    return openForeign({ tensors, rounded, provenance: metadata }, "safetensors", options, source);
  }
  throw new IsthmusError({
    code: "checkpoint/unknown-format",
    message: `${source} ${bytes.length === 0 ? "is empty" : "is neither safetensors nor a file of PyTorch"}.`,
    hint: "Give a checkpoint of Isthmus, safetensors, or what torch.save wrote; pickles of other programs are not read.",
  });
}
