import { type ChildProcess, fork } from "node:child_process";
import type { StepRecord } from "../../steps/record.js";
import type { StepJob } from "../../steps/step-runner.js";
import type { FromWorker, ToWorker, WorkerSetup } from "./messages.js";
import { unpackError } from "./wire-error.js";

/** How long an idle worker may take to end by itself, in milliseconds. */
const GRACE = 2000;

/** A worker process ended while it computed a step. The message says how: `killed by SIGKILL`. */
export class WorkerDeath extends Error {}

interface Waiting {
  readonly events: StepJob["events"];
  resolve(record: StepRecord): void;
  reject(error: Error): void;
}

/** The parent's end of a worker process. It is started at once, and computes one step at a time. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  #waiting: Waiting | undefined;
  #death: WorkerDeath | undefined;
  /** Resolves when the process has ended, and everything that it had told has been heard. */
  readonly ended: Promise<void>;

  /** `program`: path of the worker's module. */
  constructor(program: string, setup: WorkerSetup) {
    this.#child = fork(program, [], {
      serialization: "advanced",
      // Results belong on stdout: whatever a plugin prints goes to stderr.
      stdio: ["ignore", 2, 2, "ipc"],
      execArgv: process.execArgv.filter((option) => !option.startsWith("--inspect")),
    });
    this.ended = this.#watchEnd();
    this.#child.on("message", (message: FromWorker) => this.#hear(message));
    this.#send({ type: "setup", setup });
  }

  /** Process id; undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#death === undefined;
  }

  /**
   * Computes one step.
   *
   * @throws what the step threw; {@link WorkerDeath}
   */
  async run({ step, inputs, events, signal }: StepJob): Promise<StepRecord> {
    if (this.#death !== undefined) throw this.#death;
    const abort = () => this.#send({ type: "abort" });
    try {
      return await new Promise<StepRecord>((resolve, reject) => {
        this.#waiting = { events, resolve, reject };
        this.#send({ type: "run", step, inputs });
        if (signal.aborted) abort();
        else signal.addEventListener("abort", abort);
      });
    } finally {
      this.#waiting = undefined;
      signal.removeEventListener("abort", abort);
    }
  }

  release(key: string): void {
    this.#send({ type: "release", key });
  }

  /** Ends the process at once. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Lets the process end; kills it where it does not within a few seconds. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.kill(), GRACE);
    await this.ended;
    clearTimeout(timer);
  }

  #send(message: ToWorker): void {
    // Where the process is gone, its end says so.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #hear(message: FromWorker): void {
    const { events, resolve, reject } = this.#waiting ?? {};
    if (message.type === "progress") events?.progress(message.done, message.total, message.unit);
    else if (message.type === "metrics") events?.metrics(message.points);
    else if (message.type === "finished") resolve?.(message.record);
    else reject?.(unpackError(message.error));
  }

  async #watchEnd(): Promise<void> {
    const child = this.#child;
    const how = await new Promise<string>((resolve) => {
      child.on("error", (error) => {
        if (child.pid === undefined) resolve(`it could not be started: ${error.message}`);
      });
      child.on("exit", (code, signal) => {
        const text = signal === null ? `it ended with exit code ${code}` : `it was killed by ${signal}`;
        // What it told last may still be on its way.
        if (child.connected) child.on("disconnect", () => resolve(text));
        else resolve(text);
      });
    });
    this.#death = new WorkerDeath(how);
    this.#waiting?.reject(this.#death);
  }
}
