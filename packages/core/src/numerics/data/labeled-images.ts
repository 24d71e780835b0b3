import type { ImageDataset, ImageSplit } from "../../contracts/dataset.js";
import type { Augmentation, HostBatch, LabeledData } from "../../contracts/labeled-data.js";
import { IsthmusError } from "../../errors/isthmus-error.js";
import { sizeOf } from "../params.js";
import type { Rng } from "../rng.js";

/** value of pixel p of channel c, at `[c · 256 + p]` */
function pixelTable(mean: readonly number[], std: readonly number[]): Float32Array {
  const table = new Float32Array(256 * mean.length);
  mean.forEach((m, c) => {
    for (let p = 0; p < 256; p++) table[c * 256 + p] = (p / 255 - m) / std[c];
  });
  return table;
}

/**
 * Looks up neighboring pixels, from left to right where `step` is the number of channels, mirrored where it is less than 0. Several at
 * a time for one and three channels, as this loop is what making a batch costs.
 */
function lookUp(
  table: Float32Array,
  source: Uint8Array,
  from: number,
  images: Float32Array,
  to: number,
  pixels: number,
  step: number,
): void {
  const channels = Math.abs(step);
  const end = from + pixels * channels;
  let read = from;
  let at = to;
  if (channels === 1) {
    for (; read + 3 < end; read += 4, at += 4 * step) {
      images[at] = table[source[read]];
      images[at + step] = table[source[read + 1]];
      images[at + 2 * step] = table[source[read + 2]];
      images[at + 3 * step] = table[source[read + 3]];
    }
  } else if (channels === 3) {
    for (; read < end; read += 3, at += step) {
      images[at] = table[source[read]];
      images[at + 1] = table[256 + source[read + 1]];
      images[at + 2] = table[512 + source[read + 2]];
    }
  }
  for (; read < end; read += channels, at += step)
    for (let c = 0; c < channels; c++) images[at + c] = table[c * 256 + source[read + c]];
}

/** Where an augmented image shows its source: pixel (y, x) is that of row y + down, column x + right, then mirrored where flipped. */
interface Placement {
  readonly down: number;
  readonly right: number;
  readonly flipped: boolean;
}

/** Draws a placement; what is not asked for costs no draw. */
function draw({ flip, cropPadding }: Augmentation, rng: Rng): Placement {
  const flipped = flip && rng.bits() < 0;
  if (cropPadding === 0) return { down: 0, right: 0, flipped };
  const places = 2 * cropPadding + 1;
  return { down: rng.int(places) - cropPadding, right: rng.int(places) - cropPadding, flipped };
}

/** {@link lookUp} of those pixels of an image that its placement shows, row by row; others stay as they are. */
function lookUpPlaced(
  table: Float32Array,
  source: Uint8Array,
  from: number,
  images: Float32Array,
  to: number,
  [height, width, channels]: readonly [number, number, number],
  { down, right, flipped }: Placement,
): void {
  const line = width * channels;
  const first = Math.max(0, -right);
  const pixels = Math.min(width, width - right) - first;
  const start = (flipped ? width - 1 - first : first) * channels;
  for (let y = Math.max(0, -down); y < Math.min(height, height - down); y++) {
    const read = from + (y + down) * line + (first + right) * channels;
    lookUp(table, source, read, images, to + y * line + start, pixels, flipped ? -channels : channels);
  }
}

/** An image of black pixels, which are 0 before normalization. */
function blackImage(table: Float32Array, size: number, channels: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => table[(i % channels) * 256]);
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
  readonly #normalized: Float32Array;
  readonly #unit: Float32Array;
  readonly #dataset: ImageDataset;

  constructor(dataset: ImageDataset, split: "train" | "test" | ImageSplit, indices?: ArrayLike<number>) {
    const { mean, std } = dataset.normalization;
    this.#dataset = dataset;
    this.inputShape = dataset.inputShape;
    this.classes = dataset.classNames.length;
    this.#split = typeof split === "string" ? dataset.splits[split] : split;
    this.#indices = indices === undefined ? undefined : Uint32Array.from(indices);
    this.#normalized = pixelTable(mean, std);
    this.#unit = pixelTable(
      mean.map(() => 0),
      std.map(() => 1),
    );
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
    const channels = this.inputShape[2];
    const size = sizeOf(this.inputShape);
    const table = pixels === "normalized" ? this.#normalized : this.#unit;
    const source = this.#split.images;
    const { images, labels } =
      into?.labels.length === indices.length
        ? into
        : { images: new Float32Array(indices.length * size), labels: new Int32Array(indices.length) };
    const crops = augmentation !== undefined && augmentation.cropPadding > 0;
    const augments = crops || augmentation?.flip === true;
    if (augments && rng === undefined) throw new RangeError("Augmentation needs an Rng.");
    const black = crops ? blackImage(table, size, channels) : undefined;
    for (let b = 0; b < indices.length; b++) {
      const row = this.#row(indices[b]);
      const from = row * size;
      const to = b * size;
      labels[b] = this.#split.labels[row];
      if (augments) {
        if (black !== undefined) images.set(black, to);
        const placement = draw(augmentation, rng as Rng);
        lookUpPlaced(table, source, from, images, to, this.inputShape, placement);
      } else lookUp(table, source, from, images, to, size / channels, channels);
    }
    return { images, labels };
  }
}
