import type { Evaluation } from "../contracts/evaluation.js";

/** log Σ exp of a row of logits, and the index of its largest entry (the first of equals). */
function readRow(logits: Float32Array, from: number, classes: number): { logSumExp: number; answer: number } {
  let answer = 0;
  for (let c = 1; c < classes; c++) if (logits[from + c] > logits[from + answer]) answer = c;
  const max = logits[from + answer];
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(logits[from + c] - max);
  return { logSumExp: max + Math.log(sum), answer };
}

/** Adds up, batch by batch and in double precision, how good a network's answers are. */
export class Tally {
  readonly #confusion: number[][];
  #lossSum = 0;
  #count = 0;

  constructor(classes: number) {
    this.#confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  }

  /** Counts the images of a batch: logits `[batch · classes]`, one label for each. */
  add(logits: Float32Array, labels: ArrayLike<number>): void {
    const classes = this.#confusion.length;
    for (let i = 0; i < labels.length; i++) {
      const { logSumExp, answer } = readRow(logits, i * classes, classes);
      this.#lossSum += logSumExp - logits[i * classes + labels[i]];
      this.#confusion[labels[i]][answer]++;
    }
    this.#count += labels.length;
  }

  /** What has been counted; means over no images are NaN. */
  result(): Evaluation {
    const right = this.#confusion.map((row, c) => row[c]);
    return {
      loss: this.#lossSum / this.#count,
      accuracy: right.reduce((a, b) => a + b, 0) / this.#count,
      perClass: this.#confusion.map((row, c) => right[c] / row.reduce((a, b) => a + b, 0)),
      confusion: this.#confusion.map((row) => [...row]),
      count: this.#count,
    };
  }
}
