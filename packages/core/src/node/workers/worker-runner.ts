import { fileURLToPath } from "node:url";
import { IsthmusError, throwIfAborted } from "../../errors/isthmus-error.js";
import type { StepRecord } from "../../steps/record.js";
import { type StepEvents, type StepJob, type StepRunner, WORKER_DIED } from "../../steps/step-runner.js";
import type { WorkerSetup } from "./messages.js";
import { WorkerDeath, WorkerProcess } from "./worker-process.js";

const PROGRAM = fileURLToPath(new URL("./worker-main.js", import.meta.url));

/** How often a step is begun whose worker dies. */
const ATTEMPTS = 2;

/** A runner that holds processes. */
export interface WorkerRunner extends StepRunner {
  /** Ends the processes; those that compute, after stopping their step. */
  close(): Promise<void>;
}

/** Passes events of a step on, numbers from the first that was not told before: a resumed step tells all of them again. */
function continued(events: StepEvents): () => StepEvents {
  let told = 0;
  return () => {
    let heard = 0;
    return {
      ...events,
      metrics: (points) => {
        const fresh = points.slice(Math.max(0, told - heard));
        heard += points.length;
        told = Math.max(told, heard);
        if (fresh.length > 0) events.metrics(fresh);
      },
    };
  };
}

/**
 * Computes steps in worker processes of this machine, up to `width` at a time, each with its own engine. They are started when
 * there is a step for them, and kept for the next ones. A process, not a thread: one that is killed, or takes all memory, takes
 * one attempt at one step with it. That step is begun once more, in another process, from its last saved state.
 *
 * Where this process ends by itself, the workers are killed; where it is killed, they notice and end.
 *
 * @param width most processes, an integer from 1
 * @throws from `run`: what the step threw, `step/worker-died`, `step/code-changed`, `step/engine-differs`, `run/aborted`
 * @example
 * const runner = workerRunner(setup, 2);
 * try { await execute(plan, ports, { runner }); } finally { await runner.close(); }
 */
export function workerRunner(setup: WorkerSetup, width: number): WorkerRunner {
  const workers = new Set<WorkerProcess>();
  const idle: WorkerProcess[] = [];

  const killAll = () => {
    for (const worker of workers) worker.kill();
  };
  process.on("exit", killAll);

  const start = (): WorkerProcess => {
    const worker = new WorkerProcess(PROGRAM, setup);
    workers.add(worker);
    void worker.ended.then(() => workers.delete(worker));
    return worker;
  };
  const attempt = async (job: StepJob): Promise<StepRecord> => {
    let worker = idle.pop();
    while (worker !== undefined && !worker.alive) worker = idle.pop();
    worker ??= start();
    try {
      return await worker.run(job);
    } finally {
      if (worker.alive) idle.push(worker);
    }
  };
  return {
    width,
    run: async (job) => {
      const events = continued(job.events);
      for (let attempts = 1; ; attempts++) {
        try {
          return await attempt({ ...job, events: events() });
        } catch (error) {
          if (!(error instanceof WorkerDeath)) throw error;
          throwIfAborted(job.signal);
          if (attempts === ATTEMPTS) throw diedTwice(error);
          job.events.retried(error.message);
        }
      }
    },
    release: (key) => {
      for (const worker of workers) worker.release(key);
    },
    close: async () => {
      await Promise.all([...workers].map((worker) => worker.close()));
      process.off("exit", killAll);
    },
  };
}

function diedTwice({ message }: WorkerDeath): IsthmusError {
  return new IsthmusError({
    code: WORKER_DIED,
    message: `its worker process died twice; the last time ${message}.`,
    hint: "Where it ran out of memory, use fewer workers: --workers 1. Finished steps are kept, and this one resumes from its last saved state.",
  });
}
