import type { Tensor } from "@tensorflow/tfjs-core";
import type { Rng } from "../numerics/rng.js";
import type { Json } from "./json.js";

/** How a parameter starts: uniform on [-bound, bound), normal with mean 0, or one value everywhere. */
export type Initializer =
  | { readonly kind: "uniform"; readonly bound: number }
  | { readonly kind: "normal"; readonly std: number }
  | { readonly kind: "constant"; readonly value: number };

/** One named parameter. Buffers (running statistics) are never trained or decayed. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  readonly role: "weight" | "bias" | "scale" | "buffer";
}

/** An axis of a parameter that is indexed by the units of a group. */
export interface UnitAxis {
  readonly parameter: string;
  readonly axis: number;
  /**
   * `incoming`: the parameter feeds the units (kernel into them, their bias or scale);
   * `outgoing`: the parameter reads them (kernel of the next layer).
   */
  readonly side: "incoming" | "outgoing";
}

/** Hidden units that can be permuted together without changing the function, and every axis they index. */
export interface UnitGroup {
  /** Unique in the model; also the name under which `tap` reports the units' activations. */
  readonly name: string;
  readonly size: number;
  readonly axes: readonly UnitAxis[];
}

/** Sees what flows through a network, inside `apply`; tensors belong to the caller of `apply` and must not be disposed. */
export interface Tap {
  /**
   * Pre- and post-activations of a unit group, `[batch, …, units]`: units are always on the last axis. A group may be reported
   * several times in one pass (a residual stream after each block that writes to it, a recurrent state at each time):
   * those are further values of the same units.
   */
  activation?(group: string, stage: "pre" | "post", value: Tensor): void;
  /** While training, the new value of a buffer, which moved towards the batch's; while estimating, the batch's value itself. */
  buffer?(parameter: string, value: Tensor): void;
}

/** How `apply` is to run. */
export interface ApplyContext {
  /** True while training: dropout is on and batch statistics are used. */
  readonly training: boolean;
  /**
   * True while running statistics are estimated: batch statistics are used, and `tap.buffer` gets them as they are (the variance is
   * unbiased where it is in training). Everything else is as `training` says.
   */
  readonly estimating?: boolean;
  /** Needed by models with dropout while training. */
  readonly rng?: Rng;
  readonly tap?: Tap;
}

/** What a network is fed and has to tell apart. */
export interface TaskShape {
  /** Shape of one image, `[height, width, channels]`. */
  readonly inputShape: readonly number[];
  readonly classes: number;
}

/** Plain JSON from which the host can rebuild a model: kept in every checkpoint. */
export interface ModelSpec {
  readonly architecture: string;
  readonly options: Json;
  readonly task: TaskShape;
}

/** One dense layer of a stack, x ← activation(x · kernel + bias); kernel and bias are names of parameters. */
export interface DenseLayer {
  /** `[inputs, units]` */
  readonly kernel: string;
  /** `[units]` */
  readonly bias?: string;
  readonly activation: "relu" | "linear";
}

/**
 * How PyTorch lays out a parameter, beside how we do:
 * `same`; `linear` `[out, in]` of `[in, out]`; `conv` `[out, in, h, w]` of `[h, w, in, out]`;
 * `linear-on-image` `[out, channels·h·w]` of `[h·w·channels, out]`, for an image that is flattened at once;
 * `linear-on-map` `[out, in·h·w]` of `[h, w, in, out]`, for a map that is flattened;
 * `gates` `[4·units, in]` of `[in, 4, units]`; `gate-bias` `[4·units]` of `[4, units]`, in the order i, f, g, o.
 */
export type TorchLayout =
  | "same"
  | "linear"
  | "conv"
  | "linear-on-image"
  | "linear-on-map"
  | "gates"
  | "gate-bias";

/**
 * A tensor of PyTorch's state dict. Where several belong to one parameter (the two biases of a recurrent cell), the parameter is
 * their sum: on export the first has it, the others are 0.
 */
export interface TorchTensor {
  /** Key of the state dict, e.g. `features.0.weight`. */
  readonly key: string;
  readonly parameter: string;
  readonly layout: TorchLayout;
}

/**
 * A network without weights: a description and functions of weights given from outside.
 * `symmetry` lists the unit groups in forward order, and is what every alignment method works through.
 */
export interface Model {
  readonly spec: ModelSpec;
  readonly parameters: readonly ParameterSpec[];
  readonly symmetry: readonly UnitGroup[];
  /**
   * Set where `apply` is exactly: flatten the images, then these layers, the last of which gives the logits, and nothing between
   * them, also while training (no dropout). Fast paths of training and evaluation rely on it.
   */
  readonly stack?: readonly DenseLayer[];
  /** Set where this is another network that may answer with some classes only (`maskLogits`): that network. */
  readonly unmasked?: Model;
  /** The classes that it may answer with then. */
  readonly answers?: readonly number[];
  /** The state dict of the same network in PyTorch, in its order; without it a network is neither read from nor written for PyTorch. */
  readonly torch?: readonly TorchTensor[];
  /** `images [batch, …inputShape]` → logits `[batch, classes]`. Pure; call it inside `tidy`. */
  apply(params: ReadonlyMap<string, Tensor>, images: Tensor, context: ApplyContext): Tensor;
}
