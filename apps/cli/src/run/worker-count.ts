import { readFileSync } from "node:fs";
import { availableParallelism, freemem, totalmem } from "node:os";
import { IsthmusError } from "@isthmus/core";

/** What a machine has for worker processes. */
export interface Machine {
  /** Cores that this process may use. */
  readonly cores: number;
  /** Bytes of memory that are free for it. */
  readonly memory: number;
}

/** How many workers are asked for, and what each is. */
export interface WorkerRequest {
  /** `--workers`; undefined: as many as there is room for. */
  readonly asked: number | undefined;
  readonly backend: string;
  /** Threads per step. */
  readonly threads: number;
}

/** How many workers there are to be, and in which words. */
export interface WorkerCount {
  readonly workers: number;
  /** A sentence for people; undefined where there is nothing to say. */
  readonly remark: string | undefined;
}

const MiB = 2 ** 20;

/** Memory that a worker may take, in bytes: twice what one takes that trains a network of half a million weights on MNIST. */
const WORKER_MEMORY = 768 * MiB;

/** File cache of a control group that gives way when memory is wanted, in bytes. */
function reclaimable(): number {
  try {
    const [, bytes] = /^inactive_file (\d+)$/m.exec(readFileSync("/sys/fs/cgroup/memory.stat", "utf8")) ?? [];
    return Number(bytes ?? 0);
  } catch {
    return 0;
  }
}

/** Free memory in bytes, within the limit of a container. */
function availableMemory(): number {
  // macOS counts as free only what nothing ever used; at least half of the memory can be had there.
  if (process.platform === "darwin") return Math.max(freemem(), totalmem() / 2);
  return Math.min(freemem(), process.availableMemory() + reclaimable());
}

/** This machine, as far as this process may use it. */
export function thisMachine(): Machine {
  return { cores: availableParallelism(), memory: availableMemory() };
}

const count = (value: number, noun: string) => `${value} ${noun}${value === 1 ? "" : "s"}`;

/**
 * Number of workers: what is asked for, else cores ÷ threads per step, else one on a GPU, which steps would have to share. Never
 * more than there is memory for, but always one.
 *
 * @throws `cli/too-many-workers` where workers × threads per step are more than the cores
 */
export function workerCount({ asked, backend, threads }: WorkerRequest, machine: Machine): WorkerCount {
  const { cores, memory } = machine;
  const room = Math.floor(cores / threads);
  if ((asked ?? 1) > room) {
    const given = `${count(asked ?? 1, "worker")} with ${count(threads, "thread")} each`;
    throw new IsthmusError({
      code: "cli/too-many-workers",
      message: `${given} would take more than the ${count(cores, "core")} of this machine.`,
      hint:
        room === 0
          ? `Ask for at most ${cores} with --threads.`
          : `Ask for at most ${room} with --workers, or leave it out.`,
    });
  }
  const wanted = asked ?? (backend === "gpu" ? 1 : room);
  const fitting = Math.max(1, Math.floor(memory / WORKER_MEMORY));
  if (fitting < wanted) {
    const free = `${Math.floor(memory / MiB)} MiB of memory are free, and one may take ${WORKER_MEMORY / MiB}`;
    return { workers: fitting, remark: `${count(fitting, "worker")} instead of ${wanted}: ${free}.` };
  }
  return {
    workers: wanted,
    remark: wanted === 1 ? undefined : `${count(wanted, "worker")}, ${count(threads, "thread")} each.`,
  };
}
