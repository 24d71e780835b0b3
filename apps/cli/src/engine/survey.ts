import { BACKENDS } from "@isthmus/core";
import { hasNvidiaDriver } from "@isthmus/core/node";
import type { Measured } from "./measure-backend.js";
import { type ProbeContext, probeBackend } from "./probe-backend.js";

/** What is known of a backend on this machine. */
export interface Surveyed {
  readonly name: string;
  readonly title: string;
  /** How fast it is; not given where it can't be used. */
  readonly measured?: Measured;
  /** Why it can't be used. */
  readonly problem?: string;
}

/** Every backend of this machine. */
export interface Survey {
  /** Best first. */
  readonly backends: readonly Surveyed[];
  /** The one that `auto` takes; not given where none works. */
  readonly auto?: string;
  /** What could be done for more speed. */
  readonly advice: string;
}

/** A factor by which a backend must be faster than the one that `auto` takes to be worth a word. */
const WORTH_A_WORD = 1.25;

/** What `auto` takes: the first that works, without those that are slower than what comes after them. */
function automatic(backends: readonly Surveyed[]): Surveyed | undefined {
  return backends.find(({ measured }) => measured !== undefined && measured.slow === undefined);
}

function adviceFor(backends: readonly Surveyed[], auto: Surveyed | undefined): string {
  const works = (name: string) => backends.find((each) => each.name === name)?.measured !== undefined;
  if (!works("gpu") && hasNvidiaDriver())
    return "For more speed: isthmus engine install gpu (an NVIDIA driver is loaded here).";
  if (auto === undefined || auto.name === "wasm" || auto.name === "cpu")
    return "For more speed: isthmus engine install blas (8 MB; training two to three times as fast as on wasm).";
  const steps = auto.measured?.stepsPerSecond ?? 0;
  const faster = backends.find(({ measured }) => (measured?.stepsPerSecond ?? 0) > WORTH_A_WORD * steps);
  return faster === undefined
    ? "There is nothing faster to install for this machine."
    : `On this machine ${faster.name} was faster: --backend ${faster.name}.`;
}

/** Measures every backend, one after the other, each in a process of its own. */
export async function surveyBackends(
  threads: number,
  context: ProbeContext & { readonly onBackend?: (name: string) => void },
  probe: typeof probeBackend = probeBackend,
): Promise<Survey> {
  const backends: Surveyed[] = [];
  for (const { name, title } of BACKENDS) {
    context.onBackend?.(name);
    const { measured, problem } = await probe({ backend: name, threads, seconds: 0.8 }, context);
    backends.push({ name, title, ...(measured ? { measured } : { problem: problem as string }) });
  }
  const auto = automatic(backends);
  return { backends, ...(auto && { auto: auto.name }), advice: adviceFor(backends, auto) };
}
