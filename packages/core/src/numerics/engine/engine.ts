import { installedEngines } from "#installed";
import { IsthmusError } from "../../errors/isthmus-error.js";
import { nearest } from "../../errors/nearest.js";
import { type ActiveBackend, BACKENDS } from "./backends.js";
import { tf } from "./tf.js";

/** Which backend computes, and why that one. */
export interface EngineStatus {
  readonly backend: string;
  /** One sentence for people: chosen by name, or the best that loads, with the reasons why better ones don't. */
  readonly reason: string;
  /** Threads per step; part of every step's key, because it can change the bits. */
  readonly threads: number;
  /** Libraries and versions, as far as they change the bits, e.g. `tfjs 4.22.0, OpenBLAS 0.3.34`; part of every step's key. */
  readonly version: string;
  /** The native library that computes, where there is one: name, version. */
  readonly library?: string;
  /** More about it, for people: its file, the kind of processor it computes for. */
  readonly details?: string;
  /** Why `auto` passes over it although it works. */
  readonly slow?: string;
}

const STATE = Symbol.for("isthmus.engine");
const CHOICE = Symbol.for("isthmus.engine.choice");
const shared = globalThis as {
  [STATE]?: EngineStatus;
  /** While the first of those who need an engine waits for one. */
  [CHOICE]?: Promise<EngineStatus> | undefined;
};

function unavailable(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [firstLine] = text.split("\n");
  if (/Cannot find (package|module)|Failed to resolve|bare specifier/.test(firstLine as string))
    return "not installed";
  if (/tfjs_binding\.node/.test(firstLine as string)) return "installed, but without its native part";
  return (firstLine as string).replace(/\.\s*$/, "");
}

function statusOf(name: string, reason: string, active: ActiveBackend): EngineStatus {
  const { threads, library } = active;
  const version = [`tfjs ${tf.version_core}`, ...(library === undefined ? [] : [library])].join(", ");
  return { ...active, backend: name, reason, threads, version };
}

/** What would make this machine faster, where `auto` had to take one of the slower backends. */
function faster(backend: string): readonly string[] {
  const slow = backend === "wasm" || backend === "cpu";
  return slow && installedEngines.installable
    ? ["`npx isthmus engine install blas` makes training two to three times as fast"]
    : [];
}

/** Makes the backend of a status the active one again. */
async function restore(status: EngineStatus | undefined): Promise<void> {
  if (status === undefined) return;
  await BACKENDS.find(({ name }) => name === status.backend)?.activate(status.threads);
  shared[STATE] = status;
}

/** Whether a backend can run on this machine. */
export interface ProbedBackend {
  readonly name: string;
  readonly title: string;
  /** Why it can't. */
  readonly problem?: string;
  /** Why `auto` passes over it although it can. */
  readonly slow?: string;
  /** The native library that it computes with. */
  readonly library?: string;
}

/** Whether each backend can run on this machine, and why not. Tries them all, then restores the active one. */
export async function probeBackends(): Promise<readonly ProbedBackend[]> {
  const before = shared[STATE];
  const found: ProbedBackend[] = [];
  for (const { name, title, activate } of BACKENDS) {
    try {
      const { slow, library } = await activate(before?.threads ?? 1);
      found.push({ name, title, ...(slow && { slow }), ...(library && { library }) });
    } catch (error) {
      found.push({ name, title, problem: unavailable(error) });
    }
  }
  await restore(before);
  return found;
}

/**
 * Chooses the backend for everything that follows in this process.
 * `auto` takes the best that loads: gpu, blas, node, wasm, cpu.
 *
 * @param options `threads`: threads per step (default 1); wasm and cpu have one, and libtensorflow keeps the number it was loaded with
 * @throws `engine/unknown-backend`, `engine/unavailable`
 */
export async function useBackend(
  name = "auto",
  { threads = 1 }: { readonly threads?: number } = {},
): Promise<EngineStatus> {
  const entries = name === "auto" ? BACKENDS : BACKENDS.filter((entry) => entry.name === name);
  if (entries.length === 0) {
    const names = ["auto", ...BACKENDS.map((entry) => entry.name)];
    const near = nearest(name, names);
    throw new IsthmusError({
      code: "engine/unknown-backend",
      message: `There is no backend "${name}".`,
      hint: `${near === undefined ? "" : `Did you mean "${near}"? `}Choose one of: ${names.join(", ")}.`,
    });
  }
  const skipped: string[] = [];
  for (const entry of entries) {
    try {
      const active = await entry.activate(threads);
      if (name === "auto" && active.slow !== undefined) throw new Error(active.slow);
      const best = ["the best that loads here", ...skipped, ...faster(entry.name)].join("; ");
      const status = statusOf(entry.name, name === "auto" ? best : "chosen by name", active);
      shared[STATE] = status;
      return status;
    } catch (error) {
      skipped.push(`${entry.name}: ${unavailable(error)}`);
    }
  }
  await restore(shared[STATE]);
  throw new IsthmusError({
    code: "engine/unavailable",
    message: `The backend "${name}" can't be used: ${skipped.join("; ")}`,
    hint: 'Use "--backend auto", which takes the best that runs on this machine; "isthmus engine" shows what there is and how to get more.',
  });
}

/** The status of the active backend; starts `auto` where none was chosen, once for all who ask meanwhile. */
export async function engine(): Promise<EngineStatus> {
  if (shared[STATE] !== undefined) return shared[STATE];
  shared[CHOICE] ??= useBackend().finally(() => {
    shared[CHOICE] = undefined;
  });
  return shared[CHOICE];
}
