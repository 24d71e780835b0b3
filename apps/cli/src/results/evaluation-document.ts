import type { Evaluation, StepRecord } from "@isthmus/core";

/** How good a network is on test images, as programs read it. */
export interface EvaluationDocument {
  /** In percent. */
  readonly accuracy: number;
  /** Mean cross-entropy, in nats. */
  readonly loss: number;
  /** Accuracy on the images of each class, in percent; null where there is none of it. */
  readonly perClass: readonly (number | null)[];
}

/** In percent, without the noise that binary fractions leave behind the twelfth digit. */
const percent = (share: number) => Number((100 * share).toPrecision(12));

/** An evaluation in percent. */
export function evaluationDocument({ accuracy, loss, perClass }: Evaluation): EvaluationDocument {
  return {
    accuracy: percent(accuracy),
    loss,
    perClass: perClass.map((share) => (Number.isNaN(share) ? null : percent(share))),
  };
}

/** What a step of kind `evaluate` found on the test images. */
export function recordedEvaluation({ summary, details }: StepRecord): EvaluationDocument {
  const { perClass } = details as unknown as { readonly perClass: readonly (number | null)[] };
  return evaluationDocument({
    accuracy: summary["test/accuracy"],
    loss: summary["test/loss"],
    perClass: perClass.map((share) => share ?? Number.NaN),
    confusion: [],
    count: 0,
  });
}
