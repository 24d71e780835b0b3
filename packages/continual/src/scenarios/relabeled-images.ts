import type { HostBatch, LabeledData } from "@isthmus/core";

/** A view with other labels: `labelOf` of the label below. */
export class RelabeledImages implements LabeledData {
  readonly inputShape: readonly number[];

  constructor(
    private readonly below: LabeledData,
    readonly classes: number,
    private readonly labelOf: (label: number) => number,
  ) {
    this.inputShape = below.inputShape;
  }

  get count(): number {
    return this.below.count;
  }

  label(index: number): number {
    return this.labelOf(this.below.label(index));
  }

  batch(...[indices, options]: Parameters<LabeledData["batch"]>): HostBatch {
    const { images, labels } = this.below.batch(indices, options);
    return { images, labels: labels.map((label) => this.labelOf(label)) };
  }

  subset(indices: ArrayLike<number>): LabeledData {
    return new RelabeledImages(this.below.subset(indices), this.classes, this.labelOf);
  }
}
