import { readSafetensors, writeSafetensors } from "../checkpoint/safetensors.js";
import type { Json } from "../contracts/json.js";
import type { ArrayValue, Params } from "../contracts/params.js";
import type { MetricPoint } from "../contracts/tracker.js";
import type { EpochRecord, TrainState } from "../contracts/training.js";
import { isIsthmusError } from "../errors/isthmus-error.js";
import { parseExact, stringifyExact } from "./exact-json.js";
import type { StepState } from "./ports.js";

const FORMAT = "2";

/** Everything of a training's state that is not a tensor. */
interface TrainingHeader {
  readonly name: string;
  readonly epoch: number;
  readonly updates: number;
  readonly bestEpoch?: number;
  readonly history: readonly EpochRecord[];
  readonly remembers: boolean;
  readonly notes?: Json;
}

/** Everything of a state that is not a tensor. */
interface Header {
  readonly trainings: readonly TrainingHeader[];
  readonly metrics: readonly MetricPoint[];
}

function prefixed(prefix: string, params: Params | undefined): [string, ArrayValue][] {
  return [...(params ?? [])].map(([name, value]) => [prefix + name, value]);
}

function withPrefix(prefix: string, tensors: Params): Params {
  return new Map(
    [...tensors].flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
    ),
  );
}

function headerOf(
  name: string,
  { epoch, updates, history, best, memory, notes }: TrainState,
): TrainingHeader {
  return {
    name,
    epoch,
    updates,
    history,
    remembers: memory !== undefined,
    ...(best === undefined ? {} : { bestEpoch: best.epoch }),
    ...(notes === undefined ? {} : { notes }),
  };
}

/** Tensors of the i-th training's state. */
function tensorsOf({ params, optimizer, best, memory }: TrainState, i: number): [string, ArrayValue][] {
  return [
    ...prefixed(`${i}/params/`, params),
    ...prefixed(`${i}/optimizer/`, optimizer),
    ...prefixed(`${i}/best/`, best?.params),
    ...prefixed(`${i}/memory/`, memory),
  ];
}

function stateOf(header: TrainingHeader, i: number, tensors: Params): TrainState {
  const { epoch, updates, history, bestEpoch, remembers, notes } = header;
  const own = (kind: string) => withPrefix(`${i}/${kind}/`, tensors);
  return {
    epoch,
    updates,
    history,
    params: own("params"),
    optimizer: own("optimizer"),
    ...(bestEpoch === undefined ? {} : { best: { epoch: bestEpoch, params: own("best") } }),
    ...(remembers ? { memory: own("memory") } : {}),
    ...(notes === undefined ? {} : { notes }),
  };
}

/** The state of a step under way as one safetensors file, bound to the step's key. */
export function encodeState(key: string, { trainings, metrics }: StepState): Uint8Array {
  const all = [...trainings];
  const header: Header = { trainings: all.map(([name, state]) => headerOf(name, state)), metrics };
  const tensors = new Map(all.flatMap(([, state], i) => tensorsOf(state, i)));
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
    const { trainings, metrics } = parseExact(metadata["isthmus.header"] as string) as Header;
    return {
      trainings: new Map(trainings.map((each, i) => [each.name, stateOf(each, i, tensors)])),
      metrics,
    };
  } catch (error) {
    if (isIsthmusError(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
