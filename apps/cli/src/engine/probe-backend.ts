import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Measured, MeasureRequest } from "./measure-backend.js";

/** A backend's measurement, or why there is none. */
export type Probe =
  | { readonly measured: Measured; readonly problem?: undefined }
  | { readonly problem: string; readonly measured?: undefined };

/** Where and how long. */
export interface ProbeContext {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly signal?: AbortSignal;
}

/** Milliseconds after which a backend counts as hung. */
const PATIENCE = 120_000;

/** The last line of what a process wrote, for people. */
const lastLine = (text: string) => text.trim().split("\n").at(-1)?.trim() ?? "";

/** The reason alone: `The backend "x" can't be used: x: reason` → `reason`. */
const reasonOf = (backend: string, problem: string) =>
  problem.split("\n", 1)[0]?.split(`can't be used: ${backend}: `).at(-1) ?? problem;

/** Measures a backend in a process of its own: one whose library crashes or hangs is one that can't be used, and no more. */
export function probeBackend(request: MeasureRequest, { env, signal }: ProbeContext): Promise<Probe> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL("./measure-process.js", import.meta.url)), {
      env,
      signal,
      timeout: PATIENCE,
      killSignal: "SIGKILL",
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let said = "";
    let answer: Probe | undefined;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4000);
    });
    child.on("message", (message: Probe) => {
      answer = message;
    });
    child.on("error", reject);
    child.on("close", (code, killedBy) => {
      if (answer?.problem !== undefined) resolve({ problem: reasonOf(request.backend, answer.problem) });
      else if (answer !== undefined) resolve(answer);
      else if (killedBy === "SIGKILL") resolve({ problem: `did not finish in ${PATIENCE / 1000} s` });
      else resolve({ problem: `crashed (${killedBy ?? `exit code ${code}`}) ${lastLine(said)}`.trim() });
    });
    child.send(request, () => {}); // that it could not be sent shows in how the process ends
  });
}
