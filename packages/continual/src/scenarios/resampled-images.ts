import type { HostBatch, LabeledData } from "@isthmus/core";

/**
 * How the pixels of a resampled image are made: pixel p is Σₖ weights[p·taps + k] · pixel sources[p·taps + k], and black for what
 * the weights lack to 1. All channels of a pixel move together.
 */
export interface Resampling {
  readonly taps: number;
  readonly sources: Uint32Array;
  readonly weights: Float32Array;
}

/** A view whose images are resampled when a batch is made; random augmentation comes before it. */
export class ResampledImages implements LabeledData {
  readonly inputShape: readonly number[];
  readonly classes: number;

  /** @param black per channel, a black pixel as networks see it (`normalized`) */
  constructor(
    private readonly below: LabeledData,
    private readonly resampling: Resampling,
    private readonly black: readonly number[],
  ) {
    this.inputShape = below.inputShape;
    this.classes = below.classes;
  }

  get count(): number {
    return this.below.count;
  }

  label(index: number): number {
    return this.below.label(index);
  }

  subset(indices: ArrayLike<number>): LabeledData {
    return new ResampledImages(this.below.subset(indices), this.resampling, this.black);
  }

  batch(...[indices, options = {}]: Parameters<LabeledData["batch"]>): HostBatch {
    const { images, labels } = this.below.batch(indices, options);
    const black = options.pixels === "unit" ? this.black.map(() => 0) : this.black;
    const size = images.length / labels.length;
    const before = new Float32Array(size);
    for (let from = 0; from < images.length; from += size) {
      const image = images.subarray(from, from + size);
      before.set(image);
      resample(this.resampling, before, image, black);
    }
    return { images, labels };
  }
}

function resample(
  { taps, sources, weights }: Resampling,
  before: Float32Array,
  after: Float32Array,
  black: readonly number[],
): void {
  const channels = black.length;
  const pixels = after.length / channels;
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < channels; c++) {
      let value = 0;
      let rest = 1;
      for (let k = p * taps; k < (p + 1) * taps; k++) {
        const weight = weights[k] as number;
        value += weight * (before[(sources[k] as number) * channels + c] as number);
        rest -= weight;
      }
      after[p * channels + c] = value + rest * (black[c] as number);
    }
  }
}

/** Pixel p is pixel order[p]. */
export function permutationOf(order: Uint32Array): Resampling {
  return { taps: 1, sources: order, weights: new Float32Array(order.length).fill(1) };
}

/**
 * Rotation about the middle of the image, counterclockwise as one looks at it, by bilinear interpolation: pixel (y, x) is what
 * lies at c + R (y - c, x - c); what comes from outside is black.
 */
export function rotationBy(degrees: number, height: number, width: number): Resampling {
  const angle = (degrees * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const [cy, cx] = [(height - 1) / 2, (width - 1) / 2];
  const sources = new Uint32Array(height * width * 4);
  const weights = new Float32Array(height * width * 4);
  // Right angles hit pixels exactly, which rounding of the cosine must not blur.
  const exact = (value: number) => Math.round(value * 1e9) / 1e9;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromY = exact(cy + cosine * (y - cy) + sine * (x - cx));
      const fromX = exact(cx - sine * (y - cy) + cosine * (x - cx));
      const [top, left] = [Math.floor(fromY), Math.floor(fromX)];
      for (let k = 0; k < 4; k++) {
        const [row, column] = [top + (k >> 1), left + (k & 1)];
        if (row < 0 || row >= height || column < 0 || column >= width) continue;
        const at = (y * width + x) * 4 + k;
        sources[at] = row * width + column;
        weights[at] = (1 - Math.abs(fromY - row)) * (1 - Math.abs(fromX - column));
      }
    }
  }
  return { taps: 4, sources, weights };
}
