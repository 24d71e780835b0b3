import type { KeyedStep, StepRecord } from "@isthmus/core";
import { formatSeconds } from "../results/format.js";
import type { PaceStatus } from "./pace.js";

/** A number of bytes or other units with three digits. */
function amount(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)}M`;
  if (value >= 1e4) return `${(value / 1e3).toPrecision(3)}k`;
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2);
}

/**
 * Pace in words, as far as it is known.
 *
 * @example describePace({ done: 30, total: 60, unit: "images", rate: 10, left: 3 }) // "50 %, 10 images/s, 3.0 s left"
 */
export function describePace({ done, total, unit, rate, left }: PaceStatus): string {
  const parts = [
    total === undefined || total === 0 ? `${amount(done)} ${unit}` : `${Math.floor((100 * done) / total)} %`,
    ...(rate === undefined ? [] : [`${amount(rate)} ${unit}/s`]),
    ...(left === undefined ? [] : [`${formatSeconds(left)} left`]),
  ];
  return parts.join(", ");
}

/**
 * What is said of a finished step.
 *
 * @example "train a seed=0: 9.8 s, test accuracy 91.50 %"
 */
export function describeFinished(step: Pick<KeyedStep, "id">, record: StepRecord, reused: boolean): string {
  const accuracy = record.summary["test/accuracy"] ?? record.summary.accuracy;
  const parts = [
    reused ? "reused" : formatSeconds(record.provenance.seconds),
    ...(accuracy === undefined ? [] : [`test accuracy ${(100 * accuracy).toFixed(2)} %`]),
  ];
  return `${step.id}: ${parts.join(", ")}`;
}

/**
 * What is said of a step that is begun once more.
 *
 * @example "train a seed=0: its worker is gone (it was killed by SIGKILL); once more, from its last saved state"
 */
export function describeRetried({ id }: Pick<KeyedStep, "id">, reason: string): string {
  return `${id}: its worker is gone (${reason}); once more, from its last saved state`;
}

/** What is said of a step that failed while others go on. */
export function describeFailed(error: unknown): string {
  return `${error instanceof Error ? error.message : String(error)} What does not depend on it goes on.`;
}
