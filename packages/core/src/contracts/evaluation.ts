/** How good a network is on some data. */
export interface Evaluation {
  /** Mean cross-entropy, in nats. */
  readonly loss: number;
  /** Share of right answers, 0…1. */
  readonly accuracy: number;
  /** Accuracy on the images of each class (0…1; NaN where there is no image of it). */
  readonly perClass: readonly number[];
  /** `confusion[i][j]`: images of class i answered as class j. */
  readonly confusion: readonly (readonly number[])[];
  /** Number of images. */
  readonly count: number;
}
