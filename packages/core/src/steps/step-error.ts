import { IsthmusError, isIsthmusError, throwIfAborted } from "../errors/isthmus-error.js";
import type { KeyedStep } from "./plan-keys.js";

/** What went wrong in a step, with the step's id in the message and the code of the cause; `run/aborted` once the signal is. */
export function stepError(
  step: Pick<KeyedStep, "id" | "kind">,
  error: unknown,
  signal: AbortSignal,
): unknown {
  if (signal.aborted) {
    try {
      throwIfAborted(signal);
    } catch (aborted) {
      return aborted;
    }
  }
  const known = isIsthmusError(error) ? error : undefined;
  if (known?.code === "run/aborted") return error;
  const message = error instanceof Error ? error.message : String(error);
  return new IsthmusError({
    code: known?.code ?? "step/failed",
    message: `Step "${step.id}" (${step.kind}) failed: ${message}`,
    hint:
      known?.hint ??
      "Nothing is lost: start the same command again once the cause is removed; finished steps are kept.",
    cause: error,
  });
}
