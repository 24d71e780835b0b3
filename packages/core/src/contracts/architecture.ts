import type { Model, TaskShape } from "./model.js";
import { type OptionsSchema, optionsSchema, type Schema } from "./options.js";

/** Options per architecture name; plugins add theirs by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by plugins through declaration merging
export interface ArchitectureOptions {}

/** A family of networks: options and a task's shape give a {@link Model}. */
export interface Architecture<Options = unknown> {
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  readonly options: OptionsSchema<Options>;
  /** Must put JSON-serializable, fully resolved options into `spec`, so that `build(spec.options, spec.task)` rebuilds the model. */
  build(options: Options, task: TaskShape): Model;
  /**
   * Whether its networks have running statistics, told before data is loaded: plans are made of it. Without it, none are
   * expected.
   */
  hasStatistics?(options: Options): boolean;
  /**
   * The options under which this architecture has exactly these tensors, in PyTorch's order and layouts and whatever their keys;
   * undefined where there are none. What is given of the task wins over a guess from the shapes.
   */
  recognize?(
    tensors: readonly NamedShape[],
    given: Partial<TaskShape>,
  ): { readonly options: Options; readonly task: TaskShape } | undefined;
}

/** Key and shape of a tensor of a file. */
export interface NamedShape {
  readonly key: string;
  readonly shape: readonly number[];
}

/** Types an architecture and attaches its options' JSON schema. */
export function defineArchitecture<Options>(
  architecture: Omit<Architecture<Options>, "options"> & { readonly options: Schema<Options> },
): Architecture<Options> {
  return { ...architecture, options: optionsSchema(architecture.options) };
}
