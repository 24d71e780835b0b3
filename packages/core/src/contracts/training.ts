import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { Rng } from "../numerics/rng.js";
import type { Evaluation } from "./evaluation.js";
import type { Json } from "./json.js";
import type { LabeledData } from "./labeled-data.js";
import type { DenseLayer } from "./model.js";
import type { Params } from "./params.js";

/** The engine's tensors under parameter names. */
export type Tensors = ReadonlyMap<string, Tensor>;

/** A batch on the engine: `images [batch, …inputShape]` (normalized, augmented), `labels [batch]` int32. */
export interface TensorBatch {
  readonly images: Tensor;
  readonly labels: Tensor;
  /** Index of the batch within its epoch, from 0. */
  readonly index: number;
  /** Which images these are: for each row its index in the data that training was given. */
  readonly indices: Uint32Array;
}

/** What one step of training yields. Parameters without an entry in `gradients` or `updates` stay as they are. */
export interface LossAndGradients {
  readonly loss: Scalar;
  readonly gradients: Tensors;
  /** Those of the loss alone, where `gradients` holds those of a penalty too. Hooks are told. */
  readonly lossGradients?: Tensors;
  /** New values that are assigned, not descended: running statistics. */
  readonly updates?: Tensors;
}

/** A curve of stacks of dense layers, of which one random point a step is trained: θ = Σ cₖ θₖ. */
export interface StackCurve {
  readonly stack: readonly DenseLayer[];
  /** For each point of the curve, whether it is trained. */
  readonly free: readonly boolean[];
  /** Name under which a parameter of point k is held. */
  name(k: number, parameter: string): string;
  /** The c of a step, one per point, drawn from its stream. */
  coefficients(rng: Rng): readonly number[];
  /** ρ of the penalty ½ ρ ‖θ‖², descended with the loss and not part of it. */
  readonly penalty: number;
}

/**
 * Something to be trained: a network, the bends of a curve, a network with a penalty. One loop trains them all.
 */
export interface Objective {
  /** Starting values of everything that is trained or updated. */
  readonly initial: Params;
  /**
   * Set where `lossAndGradients` is exactly mean cross-entropy of this stack, with parameters by these names: then a backend may do
   * loss, gradient and update in one.
   */
  readonly stack?: readonly DenseLayer[];
  /** Set where `lossAndGradients` is exactly that of this curve: the same for its steps. */
  readonly curve?: StackCurve;
  /** True where `lossAndGradients` returns nothing that shares memory with the batch, which is then used again for the next one. */
  readonly keepsNoBatch?: boolean;
  /** What it reads and nobody trains, under names of its own: a teacher, an anchor. It is in no state and no result. */
  readonly fixed?: Params;
  /**
   * Synchronous, called inside `tidy`; `rng` is this step's own stream. `trainable` holds `initial` and `fixed` as tensors, and
   * the values of `initial` may be changed in place after it.
   */
  lossAndGradients(trainable: Tensors, batch: TensorBatch, rng: Rng): LossAndGradients;
  /** Loss and accuracy of a state on held-out data, for best-on-validation; without it a validation share is refused. */
  evaluate?(trainable: Params, data: LabeledData): Promise<Evaluation>;
}

/**
 * Places before and after the update of a step, for gradient projections, regularizers, importance measures. What they remember
 * from one step to the next they leave with the loop, as `memory` (numbers, on the engine) or `notes` (JSON, on the host): both
 * are part of {@link TrainState}, so that a resumed training goes on to the same bits.
 *
 * @example
 * // How far each weight has come: Σ |Δθ|, in the result's `memory` when training ends.
 * const hooks: TrainHooks = {
 *   memory: new Map([...params].map(([name, { shape, data }]) => [name, { shape, data: new Float32Array(data.length) }])),
 *   afterUpdate: ({ before, after, memory }) =>
 *     new Map([...memory].map(([name, way]) => [name, tf.add(way, tf.abs(tf.sub(after.get(name)!, before.get(name)!)))])),
 * };
 */
export interface TrainHooks {
  /** What is remembered at the start, by names of the hooks' own. The loop holds it as tensors. */
  readonly memory?: Params;
  /** Anything else that is remembered: `save` is called at the end of every epoch, `restore` before a resumed training goes on. */
  readonly notes?: { save(): Json; restore(notes: Json): void };
  /** Synchronous, inside the step's `tidy`; returns the gradients to descend (the same ones, if unchanged). */
  beforeUpdate?(step: {
    readonly gradients: Tensors;
    readonly trainable: Tensors;
    readonly batch: TensorBatch;
    readonly epoch: number;
    readonly rng: Rng;
    readonly memory: Tensors;
  }): Tensors;
  /**
   * Synchronous, inside the step's `tidy`, after the update; returns new values of what is remembered, where any changed.
   * `gradients` are those that were descended, `lossGradients` those of the loss, before penalties and `beforeUpdate`.
   */
  afterUpdate?(step: {
    readonly before: Tensors;
    readonly after: Tensors;
    readonly gradients: Tensors;
    readonly lossGradients: Tensors;
    readonly batch: TensorBatch;
    readonly epoch: number;
    readonly memory: Tensors;
  }): Tensors | undefined;
}

/** One line of training history. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Mean of the batch losses, weighted by batch size. */
  readonly loss: number;
  readonly learningRate: number;
  readonly validation?: { readonly loss: number; readonly accuracy: number };
}

/** Everything that is needed to go on after an epoch to the same bits. */
export interface TrainState {
  /** Epochs finished. */
  readonly epoch: number;
  readonly params: Params;
  /** The optimizer's slots, under `<slot>/<parameter>`. */
  readonly optimizer: Params;
  /** Number of updates the optimizer has made since it was last reset. */
  readonly updates: number;
  readonly history: readonly EpochRecord[];
  readonly best?: { readonly epoch: number; readonly params: Params };
  /** What the hooks remember, where they do. */
  readonly memory?: Params;
  readonly notes?: Json;
}

/** What training ends with. */
export interface TrainResult {
  /** Parameters after the last epoch. */
  readonly params: Params;
  /** Parameters of the epoch with the highest accuracy on the validation share (the first of equals), where one was held out. */
  readonly best?: { readonly epoch: number; readonly params: Params };
  readonly history: readonly EpochRecord[];
  /** What the hooks remember at the end, where they do. */
  readonly memory?: Params;
  readonly notes?: Json;
}
