import { IsthmusError } from "../../errors/isthmus-error.js";
import { nearest } from "../../errors/nearest.js";
import { BACKENDS } from "./backends.js";
import { tf } from "./tf.js";

/** Which backend computes, and why that one. */
export interface EngineStatus {
  readonly backend: string;
  /** One sentence for people: chosen by name, or the best that loads, with the reasons why better ones don't. */
  readonly reason: string;
  /** Threads per step; part of every step's key, because it can change the bits. */
  readonly threads: number;
  /** Library and version, e.g. `tfjs 4.22.0`. */
  readonly version: string;
}

const STATE = Symbol.for("isthmus.engine");
const shared = globalThis as { [STATE]?: EngineStatus };

function unavailable(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [firstLine] = text.split("\n");
  return /Cannot find (package|module)|Failed to resolve/.test(firstLine as string)
    ? "not installed"
    : (firstLine as string);
}

/** Makes the backend of a status the active one again. */
async function restore(status: EngineStatus | undefined): Promise<void> {
  if (status === undefined) return;
  await BACKENDS.find(({ name }) => name === status.backend)?.activate(status.threads);
  shared[STATE] = status;
}

/** Whether each backend can run on this machine, and why not. Tries them all, then restores the active one. */
export async function probeBackends(): Promise<readonly { name: string; title: string; problem?: string }[]> {
  const before = shared[STATE];
  const found: { name: string; title: string; problem?: string }[] = [];
  for (const { name, title, activate } of BACKENDS) {
    try {
      await activate(before?.threads ?? 1);
      found.push({ name, title });
    } catch (error) {
      found.push({ name, title, problem: unavailable(error) });
    }
  }
  await restore(before);
  return found;
}

/**
 * Chooses the backend for everything that follows in this process.
 * `auto` takes the best that loads: gpu, node, wasm, cpu.
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
      const reason = name !== "auto" ? "chosen by name" : ["the best that loads here", ...skipped].join("; ");
      const version = `tfjs ${tf.version_core}`;
      const status = { backend: entry.name, reason, threads: active, version };
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
    hint: 'Use "--backend auto", which takes the best that runs on this machine, or install the missing package.',
  });
}

/** The status of the active backend; starts `auto` where none was chosen. */
export async function engine(): Promise<EngineStatus> {
  return shared[STATE] ?? (await useBackend());
}
