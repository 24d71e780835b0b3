import { type Command, InvalidArgumentError } from "commander";
import type { Context } from "../context.js";
import { dataPlaces } from "../project.js";
import type { ComputeRequest } from "../run/open-ports.js";

/** With what a command computes, as it was given. */
export interface ComputeOptions {
  readonly dataDir?: string;
  readonly backend: string;
  readonly threads: number;
}

/** A number of things there must be one of at least. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1.");
}

/** Collects the values of an option that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** Adds the options that say with what a command computes: one place for all of them. */
export function addComputeOptions(command: Command): Command {
  return command
    .option("--data-dir <dir>", "read data files from here and download nothing (ISTHMUS_DATA_DIR)")
    .option("--backend <name>", "tensor backend: auto, gpu, blas, node, wasm or cpu", "auto")
    .option("--threads <n>", "threads per step, where the backend can use several", wholeNumber, 1);
}

/** What these options ask for. */
export function computeRequest(
  context: Pick<Context, "cwd" | "env">,
  { dataDir, backend, threads }: ComputeOptions,
): ComputeRequest {
  return { data: dataPlaces(context, dataDir), backend, threads };
}
