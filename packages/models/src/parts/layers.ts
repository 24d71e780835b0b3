import {
  type ApplyContext,
  type Initializer,
  type ParameterSpec,
  sizeOf,
  type TorchLayout,
  type TorchTensor,
  tf,
  type UnitAxis,
  type UnitGroup,
} from "@isthmus/core";
import { batchNormalization } from "./batch-normalization.js";

/** Channels, features or states on the last axis: hidden units of a group, or input channels and classes, which keep their order. */
export interface Units {
  readonly size: number;
  /** Name of the group; input and output have none. */
  readonly group?: string;
}

/** The engine's tensors and the circumstances of one pass through a network. */
export interface Pass {
  readonly params: ReadonlyMap<string, tf.Tensor>;
  readonly context: ApplyContext;
}

/** A piece of a network as a function of its input. */
export type Layer = (x: tf.Tensor, pass: Pass) => tf.Tensor;

/** What a kernel reads and writes, and what goes with it. */
export interface KernelOptions {
  /** Name of the layer: parameters are `<name>.kernel`, `<name>.bias`. */
  readonly name: string;
  /** PyTorch's module, without `.weight`. */
  readonly key: string;
  readonly from: Units;
  readonly to: Units;
  readonly bias: boolean;
}

const get = ({ params }: Pass, name: string): tf.Tensor => params.get(name) as tf.Tensor;

/**
 * Collects what layers are made of while a network is put together: parameters, unit groups with every axis they index, and
 * PyTorch's tensors, each in the order in which layers are added. Kernels and biases start uniform on ±1/√fan_in, PyTorch's default.
 */
export class Layers {
  readonly parameters: ParameterSpec[] = [];
  readonly torch: TorchTensor[] = [];
  readonly #groups = new Map<string, { readonly size: number; readonly axes: UnitAxis[] }>();

  /** Unit groups in the order in which they were named. */
  get symmetry(): UnitGroup[] {
    return [...this.#groups].map(([name, { size, axes }]) => ({ name, size, axes }));
  }

  /** A new group of hidden units. */
  units(group: string, size: number): Units {
    this.#groups.set(group, { size, axes: [] });
    return { group, size };
  }

  /** Adds a parameter, with the units that its axes index. */
  parameter(
    spec: ParameterSpec,
    torch: readonly (readonly [key: string, layout: TorchLayout])[],
    axes: readonly (readonly [units: Units, axis: number, side: UnitAxis["side"]])[],
  ): void {
    this.parameters.push(spec);
    for (const [key, layout] of torch) this.torch.push({ key, parameter: spec.name, layout });
    for (const [{ group }, axis, side] of axes)
      if (group !== undefined) this.#groups.get(group)?.axes.push({ parameter: spec.name, axis, side });
  }

  /**
   * A convolution without changing the map's size beyond the stride: a kernel `[size, size, in, out]` over a map that is padded by
   * (size - 1) / 2 on every side, as PyTorch's `Conv2d`.
   */
  conv({
    name,
    key,
    from,
    to,
    bias,
    size = 3,
    stride = 1,
  }: KernelOptions & { readonly size?: 1 | 3; readonly stride?: 1 | 2 }): Layer {
    this.#kernel({ name, key, from, to, bias }, [size, size], "conv");
    const pad = (size - 1) / 2;
    return (x, pass) => {
      // With a stride, "same" would pad an even map on two sides only.
      const explicit = stride > 1 && pad > 0;
      const map = (
        explicit
          ? tf.pad(x, [
              [0, 0],
              [pad, pad],
              [pad, pad],
              [0, 0],
            ])
          : x
      ) as tf.Tensor4D; // prettier-ignore
      const filter = get(pass, `${name}.kernel`) as tf.Tensor4D;
      const padding = explicit || size === 1 ? "valid" : "same";
      if (!bias) return tf.conv2d(map, filter, stride, padding);
      const added = get(pass, `${name}.bias`);
      return tf.fused.conv2d({ x: map, filter, strides: stride, pad: padding, bias: added });
    };
  }

  /** A dense layer `[in, out]` on features `[batch, in]`. */
  dense(options: KernelOptions): Layer {
    this.#kernel(options, [], "linear");
    const { name, bias } = options;
    return (x, pass) => {
      const y = tf.matMul(x, get(pass, `${name}.kernel`));
      return bias ? tf.add(y, get(pass, `${name}.bias`)) : y;
    };
  }

  /** A dense layer on a whole map `[batch, height, width, in]`, which it flattens; its kernel is `[height, width, in, out]`. */
  denseOnMap(options: KernelOptions, [height, width]: readonly [number, number]): Layer {
    this.#kernel(options, [height, width], "linear-on-map");
    const { name, bias, from, to } = options;
    const inputs = height * width * from.size;
    return (x, pass) => {
      const kernel = tf.reshape(get(pass, `${name}.kernel`), [inputs, to.size]);
      const y = tf.matMul(tf.reshape(x, [x.shape[0] as number, inputs]), kernel);
      return bias ? tf.add(y, get(pass, `${name}.bias`)) : y;
    };
  }

  /**
   * Batch normalization of units on the last axis: `<name>.scale` starts at 1, `<name>.bias` at 0; the running statistics
   * `<name>.mean` and `<name>.variance` are buffers and start at 0 and 1.
   */
  norm(name: string, key: string, units: Units): Layer {
    const add = (part: string, torch: string, role: ParameterSpec["role"], value: number) =>
      this.parameter(
        { name: `${name}.${part}`, shape: [units.size], initializer: { kind: "constant", value }, role },
        [[`${key}.${torch}`, "same"]],
        [[units, 0, "incoming"]],
      );
    add("scale", "weight", "scale", 1);
    add("bias", "bias", "bias", 0);
    add("mean", "running_mean", "buffer", 0);
    add("variance", "running_var", "buffer", 1);
    return (x, { params, context }) => batchNormalization(x, name, params, context);
  }

  #kernel({ name, key, from, to, bias }: KernelOptions, map: readonly number[], layout: TorchLayout): void {
    const shape = [...map, from.size, to.size];
    const fanIn = sizeOf(shape) / to.size;
    const initializer: Initializer = { kind: "uniform", bound: 1 / Math.sqrt(fanIn) };
    this.parameter(
      { name: `${name}.kernel`, shape, initializer, role: "weight" },
      [[`${key}.weight`, layout]],
      [
        [from, map.length, "outgoing"],
        [to, map.length + 1, "incoming"],
      ],
    );
    if (!bias) return;
    this.parameter(
      { name: `${name}.bias`, shape: [to.size], initializer, role: "bias" },
      [[`${key}.bias`, "same"]],
      [[to, 0, "incoming"]],
    );
  }
}

/** The nonlinearity of a unit group, seen by `tap` before and after. */
export function activate(
  { group }: Units,
  pre: tf.Tensor,
  { tap }: ApplyContext,
  nonlinearity: (x: tf.Tensor) => tf.Tensor = tf.relu,
): tf.Tensor {
  tap?.activation?.(group as string, "pre", pre);
  const post = nonlinearity(pre);
  tap?.activation?.(group as string, "post", post);
  return post;
}
