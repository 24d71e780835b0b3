import { readSafetensors, writeSafetensors } from "../checkpoint/safetensors.js";
import type { ArrayValue, Params } from "../contracts/params.js";
import type { MetricPoint } from "../contracts/tracker.js";
import type { EpochRecord } from "../contracts/training.js";
import { isIsthmusError } from "../errors/isthmus-error.js";
import { parseExact, stringifyExact } from "./exact-json.js";
import type { StepState } from "./ports.js";

const FORMAT = "1";

/** Everything of a state that is not a tensor. */
interface Header {
  readonly epoch: number;
  readonly updates: number;
  readonly bestEpoch?: number;
  readonly history: readonly EpochRecord[];
  readonly metrics: readonly MetricPoint[];
}

function prefixed(prefix: string, params: Params): [string, ArrayValue][] {
  return [...params].map(([name, value]) => [prefix + name, value]);
}

function withPrefix(prefix: string, tensors: Params): Params {
  return new Map(
    [...tensors].flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
    ),
  );
}

/** The state of a step under way as one safetensors file, bound to the step's key. */
export function encodeState(key: string, { state, metrics }: StepState): Uint8Array {
  const header: Header = {
    epoch: state.epoch,
    updates: state.updates,
    history: state.history,
    metrics,
    ...(state.best === undefined ? {} : { bestEpoch: state.best.epoch }),
  };
  const tensors = new Map([
    ...prefixed("params/", state.params),
    ...prefixed("optimizer/", state.optimizer),
    ...prefixed("best/", state.best?.params ?? new Map()),
  ]);
  return writeSafetensors(tensors, {
    "isthmus.state": FORMAT,
    "isthmus.key": key,
    "isthmus.header": stringifyExact(header),
  });
}

/** Reads what {@link encodeState} made for this key; undefined for torn files and those of another format or key. */
export function decodeState(key: string, bytes: Uint8Array): StepState | undefined {
  try {
    const { tensors, metadata } = readSafetensors(bytes, "saved state");
    if (metadata["isthmus.state"] !== FORMAT || metadata["isthmus.key"] !== key) return undefined;
    const header = parseExact(metadata["isthmus.header"] as string) as Header;
    const { epoch, updates, history, metrics, bestEpoch } = header;
    const best =
      bestEpoch === undefined ? {} : { best: { epoch: bestEpoch, params: withPrefix("best/", tensors) } };
    const params = withPrefix("params/", tensors);
    const optimizer = withPrefix("optimizer/", tensors);
    return { state: { epoch, updates, history, params, optimizer, ...best }, metrics };
  } catch (error) {
    if (isIsthmusError(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
