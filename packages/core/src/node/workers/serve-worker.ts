import { inProcessRunner } from "../../steps/in-process-runner.js";
import type { StepEvents, StepRunner } from "../../steps/step-runner.js";
import { checkCode } from "./check-code.js";
import type { FromWorker, ToWorker, WorkerSetup } from "./messages.js";
import { packError } from "./wire-error.js";
import { workerPorts } from "./worker-ports.js";

/** Least time between two reports of progress, in milliseconds. */
const INTERVAL = 100;

/** How long a worker whose parent is gone goes on to end its step in good order, in milliseconds. */
const GRACE = 2000;

/** Tells the parent; does nothing once it is gone. */
function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

/** Reports a step's progress a few times per second, its last always, and its numbers at once. */
function report(): StepEvents {
  let last = Number.NEGATIVE_INFINITY;
  return {
    progress: (done, total, unit) => {
      const now = performance.now();
      if (now - last < INTERVAL && done !== total) return;
      last = now;
      tell({ type: "progress", done, total, unit });
    },
    metrics: (points) => tell({ type: "metrics", points }),
    retried: () => {},
  };
}

/** Opens what steps need. A step that a worker finished before it died is not computed again; others have their code checked. */
async function openRunner(setup: WorkerSetup): Promise<StepRunner> {
  const ports = await workerPorts(setup);
  const runner = inProcessRunner(ports);
  return {
    ...runner,
    run: async (job) => {
      const finished = await ports.store.find(job.step.key);
      if (finished !== undefined) return finished;
      await checkCode(job.step, ports);
      return runner.run(job);
    },
  };
}

/**
 * Makes this process a worker: it computes the steps that its parent sends. When the parent closes the connection, or is gone,
 * the step under way is stopped and the process ends; whatever it writes is written atomically, so nothing is left half done.
 */
export function serveWorker(): void {
  let opening: Promise<StepRunner> | undefined;
  let current: { readonly controller: AbortController; readonly over: Promise<void> } | undefined;

  const compute = async ({ step, inputs }: ToWorker & { type: "run" }, signal: AbortSignal) => {
    try {
      const runner = await (opening as Promise<StepRunner>);
      const record = await runner.run({ step, inputs, events: report(), signal });
      tell({ type: "finished", record });
    } catch (error) {
      tell({ type: "failed", error: packError(error) });
    }
  };
  process.on("message", (message: ToWorker) => {
    if (message.type === "setup") {
      opening = openRunner(message.setup);
      opening.catch(() => {}); // told with the first step
    } else if (message.type === "run") {
      const controller = new AbortController();
      current = { controller, over: compute(message, controller.signal) };
    } else if (message.type === "abort") current?.controller.abort();
    else void opening?.then((runner) => runner.release(message.key));
  });
  process.on("disconnect", () => {
    current?.controller.abort();
    setTimeout(() => process.exit(), GRACE).unref();
    void (current?.over ?? Promise.resolve()).then(() => process.exit());
  });
}
