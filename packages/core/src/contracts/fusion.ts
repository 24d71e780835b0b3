import type { Rng } from "../numerics/rng.js";
import type { TrainSettings } from "../numerics/training/settings.js";
import type { Json, JsonObject } from "./json.js";
import type { LabeledData } from "./labeled-data.js";
import type { Model } from "./model.js";
import { type OptionsSchema, optionsSchema, type Schema } from "./options.js";
import type { ArrayValue, Params } from "./params.js";
import type { Progress } from "./ports.js";
import type { Objective, TrainHooks, TrainResult } from "./training.js";

/** Options per fusion method name; plugins add theirs by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by plugins through declaration merging
export interface FusionOptions {}

/** A network with weights. */
export interface Network {
  readonly model: Model;
  readonly params: Params;
}

/** One of the networks to fuse. */
export interface FusionInput extends Network {
  /** Its share in the result; the weights of all inputs add up to 1. */
  readonly weight: number;
  /** The data it was trained on, where known. */
  readonly data?: LabeledData;
}

/** What a fusion method says of itself. */
export interface FusionMeta {
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  readonly paper?: { readonly title: string; readonly url: string };
  /** `weights` alone, or also the common ancestor (`base`), data, data and training. */
  readonly needs: readonly ("weights" | "base" | "data" | "training")[];
  /** Methods that it calls with `context.fuse`; their code enters the result's key, and `needs` covers theirs. */
  readonly uses?: readonly string[];
  readonly laws: {
    /** Fusing a network with itself gives it back: to the bit, up to a permutation of its hidden units, or not at all. */
    readonly identity: "exact" | "up-to-symmetry" | "none";
  };
}

/** What a fusion method may use besides its inputs. */
export interface FusionContext {
  readonly rng: Rng;
  readonly signal: AbortSignal;
  /**
   * Joint training data: present where `needs` names `data` or `training`, but for a fusion of files without a data set. A method
   * whose options make it need data then says so (`fusion/needs-data`); one that trains is not called.
   */
  readonly data?: LabeledData;
  /** The common ancestor θ₀: present where `needs` names `base`. */
  readonly base?: Params;
  /** Trains on the joint data with core's one loop; resumes after a crash. One call per fusion. */
  train(objective: Objective, settings: TrainSettings, hooks?: TrainHooks): Promise<TrainResult>;
  /** Runs another registered method, one that `meta.uses` names. */
  fuse(name: string, inputs: readonly FusionInput[], options?: JsonObject): Promise<FusionResult>;
  /** Records numbers of this fusion, e.g. `{ "train/loss": 0.1 }`. */
  metrics(values: Readonly<Record<string, number>>, step: number): void;
  readonly progress: Progress;
}

/** A vega-lite specification: plain JSON that the plots package draws. */
export type Figure = JsonObject;

/** What a fusion gives. */
export interface FusionResult extends Network {
  /** Further parameter sets, e.g. the bends of a curve. */
  readonly extra?: Readonly<Record<string, Params>>;
  /**
   * The inputs as they were fused, their units in the result's number and order: what {@link FusionInput.weight} weighs. A method
   * whose result's units are no units of its inputs gives none.
   */
  readonly aligned?: readonly Params[];
  /** True where running statistics were estimated on the joint data, for the result as it is. */
  readonly estimated?: boolean;
  /** Further numbers, e.g. transport plans `[n, m]` under `plan/<model>/<group>`. */
  readonly arrays?: Readonly<Record<string, ArrayValue>>;
  readonly figures?: Readonly<Record<string, Figure>>;
  /** Anything else that later steps or readers need, as JSON. */
  readonly details?: Json;
}

/** A way to make one network out of several. */
export interface FusionMethod<Options = unknown> {
  readonly meta: FusionMeta;
  readonly options: OptionsSchema<Options>;
  /**
   * Must not change its inputs, must draw all randomness from `context.rng`, and must give the same bits for the same seed.
   * Refuses what it cannot fuse with an `IsthmusError` (`fusion/…`) that says why.
   */
  fuse(inputs: readonly FusionInput[], options: Options, context: FusionContext): Promise<FusionResult>;
}

/** Types a fusion method and attaches its options' JSON schema. */
export function defineFusion<Options>(
  method: Omit<FusionMethod<Options>, "options"> & { readonly options: Schema<Options> },
): FusionMethod<Options> {
  return { ...method, options: optionsSchema(method.options) };
}
