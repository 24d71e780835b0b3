import { IsthmusError } from "@isthmus/core";
import { cacheDir, findInstalled, type InstallableEngine } from "@isthmus/core/node";
import { Argument, type Command, InvalidArgumentError } from "commander";
import type { Context } from "../context.js";
import { blasInstallation } from "../engine/install-blas.js";
import {
  type InstallOutcome,
  installationTarget,
  installEngine,
  removeEngine,
} from "../engine/install-engine.js";
import { installProgress } from "../engine/install-progress.js";
import { tensorflowInstallation } from "../engine/install-tensorflow.js";
import { formatBytes, type Installation } from "../engine/installation.js";
import { probeBackend } from "../engine/probe-backend.js";
import { surveyBackends } from "../engine/survey.js";
import { formatSpeed, surveyTable } from "../engine/survey-table.js";
import { EXIT, exitCodeOf, Failure } from "../failure.js";
import { watchInterruption } from "../interruption.js";

interface InstallOptions {
  readonly dryRun?: boolean;
  readonly remove?: boolean;
}

function threadsOf(text: string): number {
  const threads = Number(text);
  if (Number.isInteger(threads) && threads > 0 && threads <= 1024) return threads;
  throw new InvalidArgumentError("Give a whole number from 1 to 1024.");
}

async function survey(
  { env, stdout, stderr }: Context,
  { threads, json }: { readonly threads: number; readonly json?: boolean },
): Promise<void> {
  const interruption = watchInterruption(() => stderr.line("Stopping…"));
  try {
    const { signal } = interruption;
    const onBackend = (name: string) => stderr.line(`Measuring ${name}…`);
    const found = await surveyBackends(threads, { env, signal, onBackend });
    const document = { ...found, cache: cacheDir(env) };
    stdout.line(json ? JSON.stringify(document, undefined, 2) : surveyTable(found, stdout.colors));
    if (found.auto === undefined) process.exitCode = EXIT.failed;
  } catch (error) {
    throw new Failure(error, interruption.exitCode() ?? exitCodeOf(error));
  } finally {
    interruption.end();
  }
}

const installationOf = (engine: InstallableEngine): Installation =>
  engine === "blas" ? blasInstallation() : tensorflowInstallation(engine);

async function showPlan(installation: Installation, { env, stdout }: Context): Promise<void> {
  const { engine, library, downloads, room } = installation;
  const target = installationTarget(installation, cacheDir(env));
  stdout.line(
    `${library} for the backend ${engine}: downloads ${formatBytes(downloads)}, needs ${formatBytes(room)} of disk meanwhile.`,
  );
  stdout.line("This would be done, beside the target, which is put in its place when everything has worked:");
  const last = "run training steps on it in a process of its own";
  [...installation.plan(target), last].forEach((line, i) => void stdout.line(`${i + 1}. ${line}`));
  const missing = await installation.check({ env }).then(
    () => undefined,
    (error: Error) => error,
  );
  if (missing === undefined) stdout.line("Everything that this needs is here.");
  else stdout.line(`It would stop before that: ${missing.message}`);
}

function outcomeLine({ engine, library }: Installation, outcome: InstallOutcome): string {
  switch (outcome.kind) {
    case "installed":
      return `${library} is installed for the backend ${engine}: ${formatSpeed(outcome.measured.stepsPerSecond)} training steps/s. In ${outcome.folder}`;
    case "present":
      return `${library} is already installed for the backend ${engine}, and as it should be. In ${outcome.folder}`;
    case "own":
      return `The backend ${engine} works here with the package of this project (${outcome.measured.library}); it was left alone.`;
  }
}

/** What was stopped by Ctrl-C says so, whatever it was that it interrupted. */
function stopped(signal: AbortSignal, error: unknown): unknown {
  if (!signal.aborted) return error;
  return new IsthmusError({
    code: "run/aborted",
    message: "The installation was stopped. Nothing of it is left.",
    hint: "Start the same command again.",
    cause: error,
  });
}

async function install(context: Context, engine: InstallableEngine, options: InstallOptions): Promise<void> {
  const { env, stdout, stderr } = context;
  if (options.remove) {
    const found = options.dryRun
      ? await findInstalled(engine, cacheDir(env))
      : await removeEngine(engine, env);
    const verb = options.dryRun ? "Would remove" : "Removed";
    stdout.line(found === undefined ? `The backend ${engine} is not installed.` : `${verb} ${found.folder}`);
    return;
  }
  if (engine === "blas" && process.platform === "darwin") {
    stdout.line(
      "macOS has a fast BLAS of its own, Accelerate; the backend blas uses it: nothing to install.",
    );
    return;
  }
  const installation = installationOf(engine);
  if (options.dryRun) return showPlan(installation, context);
  const interruption = watchInterruption(() => stderr.line("Stopping…"));
  const { signal } = interruption;
  try {
    const work = { env, signal, progress: installProgress(stderr), probe: probeBackend };
    stdout.line(outcomeLine(installation, await installEngine(installation, work)));
  } catch (error) {
    throw new Failure(stopped(signal, error), interruption.exitCode() ?? EXIT.failed);
  } finally {
    interruption.end();
  }
}

/** Adds `isthmus engine` and `isthmus engine install`. */
export function engineCommand(program: Command, context: Context): void {
  const engine = program
    .command("engine")
    .description("measure every tensor backend of this machine, and say how to get a faster one")
    .option("--threads <number>", "threads per step, where a backend has more than one", threadsOf, 1)
    .option("--json", "print one JSON document")
    .action((options: { readonly threads: number; readonly json?: boolean }) => survey(context, options));
  engine
    .command("install")
    .description("get a faster backend into the user's cache, for every project of this machine")
    .addArgument(
      new Argument("<engine>", "blas: OpenBLAS; node, gpu: TensorFlow").choices(["blas", "node", "gpu"]),
    )
    .option("--dry-run", "only say what would be done")
    .option("--remove", "remove it again")
    .action((name: InstallableEngine, options: InstallOptions) => install(context, name, options));
}
