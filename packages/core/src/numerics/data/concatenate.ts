import type { HostBatch, LabeledData } from "../../contracts/labeled-data.js";
import { sizeOf } from "../params.js";

type BatchOptions = NonNullable<Parameters<LabeledData["batch"]>[1]>;

/** Images of one part among those asked for. */
interface Share {
  /** Where they stand among those asked for. */
  readonly places: number[];
  /** Their indices in the part. */
  readonly own: number[];
}

class Concatenation implements LabeledData {
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** Index of each part's first image; then the number of all. */
  readonly #starts: readonly number[];

  constructor(
    private readonly parts: readonly [LabeledData, ...LabeledData[]],
    private readonly rows?: Uint32Array,
  ) {
    const starts = [0];
    for (const { count } of parts) starts.push((starts.at(-1) as number) + count);
    this.#starts = starts;
    this.inputShape = parts[0].inputShape;
    this.classes = parts[0].classes;
  }

  get count(): number {
    return this.rows?.length ?? (this.#starts.at(-1) as number);
  }

  #row(index: number): number {
    if (!(index >= 0 && index < this.count)) {
      throw new RangeError(`Image ${index} is outside of a view of ${this.count} images.`);
    }
    return this.rows === undefined ? index : (this.rows[index] as number);
  }

  /** The part that holds a row: the last that starts at it or before, and is not empty. */
  #partOf(row: number): number {
    let [low, high] = [0, this.parts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  label(index: number): number {
    const row = this.#row(index);
    const part = this.#partOf(row);
    return (this.parts[part] as LabeledData).label(row - (this.#starts[part] as number));
  }

  subset(indices: ArrayLike<number>): LabeledData {
    return new Concatenation(
      this.parts,
      Uint32Array.from(indices, (index) => this.#row(index)),
    );
  }

  #shares(indices: ArrayLike<number>): ReadonlyMap<number, Share> {
    const shares = new Map<number, Share>();
    for (let place = 0; place < indices.length; place++) {
      const row = this.#row(indices[place] as number);
      const part = this.#partOf(row);
      const share = shares.get(part) ?? { places: [], own: [] };
      share.places.push(place);
      share.own.push(row - (this.#starts[part] as number));
      shares.set(part, share);
    }
    return shares;
  }

  batch(indices: ArrayLike<number>, { rng, into, ...options }: BatchOptions = {}): HostBatch {
    const size = sizeOf(this.inputShape);
    const { images, labels } =
      into?.labels.length === indices.length
        ? into
        : { images: new Float32Array(indices.length * size), labels: new Int32Array(indices.length) };
    for (const [part, { places, own }] of this.#shares(indices)) {
      const stream = rng?.fork(`part/${part}`);
      const batch = (this.parts[part] as LabeledData).batch(own, { ...options, rng: stream });
      places.forEach((place, i) => {
        images.set(batch.images.subarray(i * size, (i + 1) * size), place * size);
        labels[place] = batch.labels[i] as number;
      });
    }
    return { images, labels };
  }
}

/**
 * Several views as one, in order: tasks learned jointly, a memory of images of several tasks. Nothing is copied until a batch is
 * made. A part's random augmentation is drawn from the stream `part/<its number>`.
 *
 * @throws RangeError where there is no view, or they differ in shape or number of classes
 *
 * @example
 * const joint = concatenate(tasks.map(({ train }) => train));
 */
export function concatenate(views: readonly LabeledData[]): LabeledData {
  const [first, ...others] = views;
  if (first === undefined) throw new RangeError("There are no views to concatenate.");
  for (const { inputShape, classes } of others) {
    if (inputShape.join() !== first.inputShape.join() || classes !== first.classes) {
      throw new RangeError(
        `Images [${inputShape.join(", ")}] of ${classes} classes don't go with images [${first.inputShape.join(", ")}] of ${first.classes} classes.`,
      );
    }
  }
  return others.length === 0 ? first : new Concatenation([first, ...others]);
}
