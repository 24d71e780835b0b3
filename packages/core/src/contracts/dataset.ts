import type { Rng } from "../numerics/rng.js";
import { type OptionsSchema, optionsSchema, type Schema } from "./options.js";
import type { DataFiles, Progress } from "./ports.js";

/** Options per data set name; plugins add theirs by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by plugins through declaration merging
export interface DatasetOptions {}

/** Images and their classes, flat: image i is `images[i·size … (i+1)·size)`, row-major `[height, width, channels]`, 0…255. */
export interface ImageSplit {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** A loaded data set. */
export interface ImageDataset {
  /** `[height, width, channels]` */
  readonly inputShape: readonly [number, number, number];
  /** Names of the classes, in label order. */
  readonly classNames: readonly string[];
  /** Per channel, of pixels scaled to [0, 1]: a network sees `(pixel / 255 - mean) / std`. */
  readonly normalization: { readonly mean: readonly number[]; readonly std: readonly number[] };
  readonly splits: { readonly train: ImageSplit; readonly test: ImageSplit };
}

/** What loading may use. */
export interface DatasetContext {
  readonly files: DataFiles;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  /** Says something in one line that whoever reads the results must know of the data. */
  readonly remark?: (text: string) => void;
}

/** A data set that can be loaded by name. */
export interface Dataset<Options = unknown> {
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  /** Where the data comes from: a page or a paper. */
  readonly source?: string;
  readonly options: OptionsSchema<Options>;
  /**
   * Identifies the exact data without loading it where possible (known checksums; options of a generator): two digests are
   * equal only if the data is. Part of the key of every step that reads the data; at most 36 characters reach a tracking server.
   */
  digest(options: Options, context: DatasetContext): Promise<string>;
  load(options: Options, context: DatasetContext): Promise<ImageDataset>;
}

/** Types a data set and attaches its options' JSON schema. */
export function defineDataset<Options>(
  dataset: Omit<Dataset<Options>, "options"> & { readonly options: Schema<Options> },
): Dataset<Options> {
  return { ...dataset, options: optionsSchema(dataset.options) };
}

/** Options per partition name; plugins add theirs by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by plugins through declaration merging
export interface PartitionOptions {}

/** Deals the images of a split out to several learners. */
export interface Partition<Options = unknown> {
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  readonly options: OptionsSchema<Options>;
  /** Names of the parts that `deal` will give, e.g. `["a", "b"]`. `joint` is always their union and must not be among them. */
  parts(options: Options): readonly string[];
  /** Indices of each part into the split, ascending. `classNames` are the data set's, in label order. */
  deal(
    split: ImageSplit,
    options: Options,
    rng: Rng,
    classNames: readonly string[],
  ): ReadonlyMap<string, Uint32Array>;
}

/** Types a partition and attaches its options' JSON schema. */
export function definePartition<Options>(
  partition: Omit<Partition<Options>, "options"> & { readonly options: Schema<Options> },
): Partition<Options> {
  return { ...partition, options: optionsSchema(partition.options) };
}
