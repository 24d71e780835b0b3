import type { ImageDataset, ImageSplit } from "../../contracts/dataset.js";
import type { Augmentation, HostBatch, LabeledData } from "../../contracts/labeled-data.js";
import { IsthmusError } from "../../errors/isthmus-error.js";
import { sizeOf } from "../params.js";
import type { Rng } from "../rng.js";
import { type Placement, pixelLookup } from "./pixel-lookup.js";

/** Draws a placement; what is not asked for costs no draw. */
function draw({ flip, cropPadding }: Augmentation, rng: Rng): Placement {
  const flipped = flip && rng.bits() < 0;
  if (cropPadding === 0) return { down: 0, right: 0, flipped };
  const places = 2 * cropPadding + 1;
  return { down: rng.int(places) - cropPadding, right: rng.int(places) - cropPadding, flipped };
}

/** What is wrong with a split, as the data set describes it. */
function shapeProblem(dataset: ImageDataset, { images, labels }: ImageSplit): string | undefined {
  const { inputShape, classNames, normalization } = dataset;
  if (images.length !== labels.length * sizeOf(inputShape)) {
    return `A split has ${labels.length} labels but ${images.length} bytes of images of shape [${inputShape.join(", ")}].`;
  }
  const channels = inputShape[2];
  if (normalization.mean.length !== channels || normalization.std.length !== channels) {
    return `Images of ${channels} channels come with ${normalization.mean.length} means and ${normalization.std.length} deviations.`;
  }
  const wrong = labels.findIndex((label) => label >= classNames.length);
  return wrong < 0
    ? undefined
    : `Image ${wrong} has label ${labels[wrong]}, but there are ${classNames.length} classes.`;
}

function indexProblem(indices: ArrayLike<number>, { labels }: ImageSplit): string | undefined {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    if (!(Number.isInteger(index) && index >= 0 && index < labels.length)) {
      return `A view names image ${index} of a split of ${labels.length} images.`;
    }
  }
  return undefined;
}

/**
 * A view of a split of images, all of it or the images at `indices`. Pixels stay bytes until a batch is made:
 * then `(pixel / 255 - mean) / std` per channel, looked up, and augmentation, in one gather.
 */
export class LabeledImages implements LabeledData {
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  readonly #split: ImageSplit;
  readonly #indices: Uint32Array | undefined;
  readonly #dataset: ImageDataset;

  constructor(dataset: ImageDataset, split: "train" | "test" | ImageSplit, indices?: ArrayLike<number>) {
    this.#dataset = dataset;
    this.inputShape = dataset.inputShape;
    this.classes = dataset.classNames.length;
    this.#split = typeof split === "string" ? dataset.splits[split] : split;
    this.#indices = indices === undefined ? undefined : Uint32Array.from(indices);
    const problem = shapeProblem(dataset, this.#split) ?? indexProblem(indices ?? [], this.#split);
    if (problem !== undefined) {
      throw new IsthmusError({
        code: "data/shape",
        message: problem,
        hint: "This is a defect of the plugin that brought the data set or the partition: report it there.",
      });
    }
  }

  get count(): number {
    return this.#indices?.length ?? this.#split.labels.length;
  }

  #row(index: number): number {
    if (!(index >= 0 && index < this.count)) {
      throw new RangeError(`Image ${index} is outside of a view of ${this.count} images.`);
    }
    return this.#indices === undefined ? index : this.#indices[index];
  }

  label(index: number): number {
    return this.#split.labels[this.#row(index)];
  }

  subset(indices: ArrayLike<number>): LabeledImages {
    return new LabeledImages(
      this.#dataset,
      this.#split,
      Uint32Array.from(indices, (index) => this.#row(index)),
    );
  }

  batch(
    indices: ArrayLike<number>,
    {
      pixels = "normalized",
      augmentation,
      rng,
      into,
    }: { pixels?: "normalized" | "unit"; augmentation?: Augmentation; rng?: Rng; into?: HostBatch } = {},
  ): HostBatch {
    const size = sizeOf(this.inputShape);
    const lookup = pixelLookup(this.#dataset, pixels);
    const { images, labels } =
      into?.labels.length === indices.length
        ? into
        : { images: new Float32Array(indices.length * size), labels: new Int32Array(indices.length) };
    const augments = augmentation !== undefined && (augmentation.flip || augmentation.cropPadding > 0);
    if (augments && rng === undefined) throw new RangeError("Augmentation needs an Rng.");
    for (let b = 0; b < indices.length; b++) {
      const row = this.#row(indices[b]);
      labels[b] = this.#split.labels[row];
      const image = this.#split.images.subarray(row * size, (row + 1) * size);
      lookup.write(image, images, b * size, augments ? draw(augmentation, rng as Rng) : undefined);
    }
    return { images, labels };
  }
}
