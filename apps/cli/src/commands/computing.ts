import { systemClock } from "@isthmus/core/node";
import type { Context } from "../context.js";
import { exitCodeOf, Failure } from "../failure.js";
import { watchInterruption } from "../interruption.js";
import { planProgress } from "../progress/plan-progress.js";
import { keepConsoleOffStdout } from "../quiet-console.js";
import type { RunContext } from "../run/run-plan.js";

/**
 * Does the work of a command that computes: shows its progress on stderr, keeps stdout for results, and stops it in good order at
 * Ctrl-C. What it throws has the exit code of the signal that stopped it, where one did.
 */
export async function computing(
  { cwd, env, stderr }: Context,
  work: (tools: RunContext) => Promise<void>,
): Promise<void> {
  const progress = planProgress(stderr, systemClock);
  const interruption = watchInterruption(() =>
    progress.remark("Stopping; once more to stop at once, without saving…"),
  );
  keepConsoleOffStdout();
  try {
    await work({ cwd, env, progress, signal: interruption.signal });
  } catch (error) {
    const { error: cause } = error instanceof Failure ? error : { error };
    throw new Failure(cause, interruption.exitCode() ?? exitCodeOf(error));
  } finally {
    progress.end();
    interruption.end();
  }
}
