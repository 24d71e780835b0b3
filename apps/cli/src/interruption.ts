import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Watches for the signals that ask a process to stop. */
export interface Interruption {
  /** Aborted by the first of them. */
  readonly signal: AbortSignal;
  /** What a process ended by the signal that came exits with (130, 143); undefined while none has come. */
  exitCode(): number | undefined;
  /** Stops watching: a signal kills again. */
  end(): void;
}

/** The first Ctrl-C (or SIGTERM) aborts `signal` and calls `onFirst`; the second ends the process at once. */
export function watchInterruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  let code: number | undefined;
  const handle = (name: (typeof SIGNALS)[number]) => {
    const next = 128 + constants.signals[name];
    if (code !== undefined) process.exit(next);
    code = next;
    onFirst();
    controller.abort(new Error(`received ${name}`));
  };
  for (const name of SIGNALS) process.on(name, handle);
  return {
    signal: controller.signal,
    exitCode: () => code,
    end: () => {
      for (const name of SIGNALS) process.off(name, handle);
    },
  };
}
