import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakePorts, toyPlan } from "../../test/fake-project.js";
import { IsthmusError, throwIfAborted } from "../errors/isthmus-error.js";
import { FileStore } from "../node/file-store.js";
import { execute } from "./execute.js";
import { inProcessRunner } from "./in-process-runner.js";
import type { PlanObserver } from "./plan-observer.js";
import type { RunPorts } from "./ports.js";
import type { StepRecord } from "./record.js";
import { type StepJob, type StepRunner, WORKER_DIED } from "./step-runner.js";

let root: string;
let ports: RunPorts;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-parallel-"));
  ports = fakePorts(new FileStore(root));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

/** A runner whose steps wait until a test lets them go on: it computes them in this process then. */
class HeldRunner implements StepRunner {
  readonly under = new Map<string, () => void>();
  readonly begun: string[] = [];
  readonly released: string[] = [];
  /** What a step throws in place of being computed, by id. */
  readonly errors = new Map<string, Error>();
  readonly #inner = inProcessRunner(ports);

  constructor(readonly width: number) {}

  async run(job: StepJob): Promise<StepRecord> {
    const { step, signal } = job;
    this.begun.push(step.id);
    await new Promise<void>((resolve) => {
      this.under.set(step.id, resolve);
      signal.addEventListener("abort", () => resolve());
    });
    this.under.delete(step.id);
    throwIfAborted(signal);
    const error = this.errors.get(step.id);
    if (error !== undefined) throw error;
    return this.#inner.run(job);
  }

  release(key: string): void {
    this.released.push(key);
    this.#inner.release(key);
  }

  /** Lets a step go on, and waits until others have been begun or everything is over. */
  async letGo(id: string, begun: number): Promise<void> {
    this.under.get(id)?.();
    while (this.begun.length < begun) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Lets everything go on, in the order in which it is begun, until the execution is over. */
async function finish<Value>(runner: HeldRunner, execution: Promise<Value>): Promise<Value> {
  let over = false;
  const end = execution.finally(() => {
    over = true;
  });
  end.catch(() => {});
  while (!over) {
    for (const goOn of runner.under.values()) goOn();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return end;
}

const plan = toyPlan({ seeds: [0, 1] });
const died = new IsthmusError({ code: WORKER_DIED, message: "its worker process died twice." });

describe("executing several steps at once", () => {
  it("begins as many as the runner takes, each after what it reads", async () => {
    const runner = new HeldRunner(2);
    const execution = execute(plan, ports, { runner });
    await runner.letGo("", 2);
    expect(runner.begun).toEqual(["a 0", "b 0"]);
    await runner.letGo("b 0", 3);
    expect(runner.begun[2]).toBe("a 1");
    await runner.letGo("a 0", 4);
    expect(runner.begun[3]).toBe("b 1");
    expect(runner.under.size).toBe(2);
    await finish(runner, execution);
    expect(runner.begun.indexOf("avg 0")).toBeGreaterThan(3);
    expect(runner.begun).toHaveLength(plan.steps.length);
  });

  it("gives the records of a run one after another, in the plan's order, and releases every result", async () => {
    const runner = new HeldRunner(3);
    const records = await finish(runner, execute(plan, ports, { runner }));
    expect([...records.keys()]).toEqual(plan.steps.map(({ id }) => id));
    expect(runner.released.sort()).toEqual([...records.values()].map(({ key }) => key).sort());
    const alone = await execute(plan, fakePorts(new FileStore(join(root, "alone"))));
    for (const [id, { key, summary, artifacts }] of alone) {
      expect(records.get(id)).toMatchObject({ key, summary });
      expect(records.get(id)?.artifacts.map(({ path, bytes }) => [path, bytes])).toEqual(
        artifacts.map(({ path, bytes }) => [path, bytes]),
      );
    }
  });

  it("computes steps with one key once, and tells that the others were there", async () => {
    const runner = new HeldRunner(4);
    const twin = { ...(plan.steps[0] as (typeof plan.steps)[number]), id: "twin" };
    const finished: string[] = [];
    const observer: PlanObserver = {
      stepFinished: ({ id }, _record, reused) => void finished.push(reused ? `${id} reused` : id),
    };
    const both = { steps: [...plan.steps, twin], networks: [] };
    const records = await finish(runner, execute(both, ports, { runner, observer }));
    expect(runner.begun).not.toContain("twin");
    expect(records.get("twin")).toBe(records.get("a 0"));
    expect(finished.slice(finished.indexOf("a 0"))).toContain("twin reused");
  });

  it("does not ask the runner for a single step", async () => {
    const runner = new HeldRunner(2);
    const { steps } = plan;
    await execute({ steps: steps.slice(0, 1), networks: [] }, ports, { runner });
    await execute({ steps: steps.slice(0, 2), networks: [] }, ports, { runner });
    expect(runner.begun).toEqual([]);
  });
});

describe("a step that fails beside others", () => {
  it("stops those under way, begins no other, and of several errors gives the first in the plan's order", async () => {
    const runner = new HeldRunner(3);
    runner.errors.set("b 0", new RangeError("second"));
    runner.errors.set("a 0", new RangeError("first"));
    const execution = execute(plan, ports, { runner });
    const rejection = expect(execution).rejects.toMatchObject({
      code: "step/failed",
      message: 'Step "a 0" (train) failed: first',
    });
    await runner.letGo("", 3);
    runner.under.get("b 0")?.();
    runner.under.get("a 0")?.();
    await rejection;
    expect(runner.begun).toEqual(["a 0", "b 0", "a 1"]);
    expect(runner.under.size).toBe(0);
  });

  it("leaves the rest alone where only its worker died: all that does not depend on it is computed", async () => {
    const runner = new HeldRunner(2);
    runner.errors.set("b 1", died);
    runner.errors.set("evaluate a 0", died);
    const failed: string[] = [];
    const observer: PlanObserver = { stepFailed: ({ id }) => void failed.push(id) };
    await expect(finish(runner, execute(plan, ports, { runner, observer }))).rejects.toMatchObject({
      code: WORKER_DIED,
      message: 'Step "evaluate a 0" (evaluate) failed: its worker process died twice.',
    });
    expect(failed.sort()).toEqual(["b 1", "evaluate a 0"]);
    const missing = ["evaluate a 0", "b 1", "evaluate b 1", "avg 1", "evaluate avg 1"];
    const computed: string[] = [];
    await execute(plan, ports, { observer: { stepStarted: ({ id }) => void computed.push(id) } });
    expect(computed).toEqual(missing);
  });

  it("ends with run/aborted where the signal came, and begins nothing after it", async () => {
    const runner = new HeldRunner(2);
    const controller = new AbortController();
    const execution = execute(plan, ports, { runner, signal: controller.signal });
    await runner.letGo("", 2);
    controller.abort();
    await expect(execution).rejects.toMatchObject({ code: "run/aborted" });
    expect(runner.begun).toEqual(["a 0", "b 0"]);
    expect(runner.under.size).toBe(0);
  });

  it("ends the execution with the error of an observer that could not write", async () => {
    const runner = new HeldRunner(2);
    const full = new IsthmusError({ code: "journal/write-failed", message: "The disk is full." });
    const observer: PlanObserver = { stepFinished: () => Promise.reject(full) };
    await expect(finish(runner, execute(plan, ports, { runner, observer }))).rejects.toBe(full);
    expect(runner.begun).toEqual(["a 0", "b 0"]);
  });
});
