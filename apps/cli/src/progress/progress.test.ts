import type { Clock, KeyedStep, Plan, StepRecord } from "@isthmus/core";
import pc from "picocolors";
import { describe, expect, it } from "vitest";
import { dataProgress } from "./data-progress.js";
import { describeFinished, describePace } from "./describe.js";
import { Pace } from "./pace.js";
import { PlanTimes } from "./plan-times.js";
import { progressLines } from "./progress-lines.js";

const plan: Plan = { steps: [], networks: [] };

function step(id: string, kind = "train"): KeyedStep {
  return { id, kind, options: {}, inputs: {}, key: id, description: {}, plugins: {} };
}

function record(kind: string, seconds: number, summary: Record<string, number> = {}): StepRecord {
  return {
    format: 1,
    key: "",
    kind,
    description: {},
    summary,
    metrics: [],
    artifacts: [],
    provenance: {
      environment: { platform: "" },
      engine: { backend: "cpu", threads: 1, version: "" },
      plugins: {},
      startedAt: 0,
      finishedAt: 0,
      seconds,
    },
  };
}

describe("getting the data", () => {
  it("is said every five seconds, and not at all where it takes less", () => {
    const said: string[] = [];
    let now = 0;
    const progress = dataProgress((text) => said.push(text), { now: () => now });
    for (const [time, done] of [
      [0, 0],
      [4900, 10],
      [5000, 50],
      [9900, 60],
      [10_000, 100],
    ]) {
      now = time;
      progress(done, 200, "bytes");
    }
    expect(said).toEqual([
      "Getting the data: 25 %, 10 bytes/s, 15.0 s left",
      "Getting the data: 50 %, 10 bytes/s, 10.0 s left",
    ]);
    now = 14_000;
    progress(0, 100, "bytes");
    now = 18_000;
    progress(90, 100, "bytes");
    expect(said).toHaveLength(2);
  });
});

describe("pace", () => {
  it("is what was done since the first report over the time since", () => {
    const pace = new Pace();
    pace.report(1000, 4000, "images", 5000);
    expect(pace.status.rate).toBeUndefined();
    pace.report(2000, 4000, "images", 7000);
    expect(pace.status).toMatchObject({ rate: 500, left: 4 });
  });

  it("begins anew with another unit", () => {
    const pace = new Pace();
    pace.report(0, 10, "bytes", 0);
    pace.report(10, 10, "bytes", 1000);
    pace.report(20, 100, "images", 2000);
    expect(pace.status.rate).toBeUndefined();
  });

  it("is told in words, as far as it is known", () => {
    expect(describePace({ done: 30, total: 60, unit: "images", rate: 10, left: 3 })).toBe(
      "50 %, 10 images/s, 3.0 s left",
    );
    expect(describePace({ done: 3, total: undefined, unit: "files", rate: undefined, left: undefined })).toBe(
      "3.0 files",
    );
  });
});

describe("time left of a plan", () => {
  const steps = new Map(["a", "b", "c"].map((id) => [id, step(id)]));

  it("is the mean of steps of the same kind, for each that waits", () => {
    const times = new PlanTimes(steps, new Map([["a", record("train", 10)]]));
    expect(times.left([{ id: "b", spent: 4, left: undefined }])).toEqual({ seconds: 6 + 10, atLeast: false });
    expect(times.left([{ id: "b", spent: 4, left: 1 }]).seconds).toBe(1 + 10);
    times.finished("b", record("train", 20));
    expect(times.waiting).toBe(1);
    expect(times.left([{ id: "c", spent: 0, left: undefined }]).seconds).toBe(15);
  });

  it("takes the step under way as an example of its kind", () => {
    const times = new PlanTimes(steps, new Map());
    expect(times.left([{ id: "a", spent: 3, left: 2 }])).toEqual({ seconds: 2 + 5 + 5, atLeast: false });
  });

  it("is a lower bound while a kind was never seen", () => {
    const times = new PlanTimes(new Map([...steps, ["d", step("d", "fuse")]]), new Map());
    expect(times.left([{ id: "a", spent: 3, left: 2 }])).toEqual({ seconds: 12, atLeast: true });
  });

  it("is shared by the steps under way, and no less than the longest of them takes", () => {
    const more = new Map([...steps, ["d", step("d")], ["e", step("e")]]);
    const times = new PlanTimes(more, new Map([["e", record("train", 10)]]));
    const [a, b] = [
      { id: "a", spent: 8, left: 2 },
      { id: "b", spent: 6, left: undefined },
    ];
    expect(times.left([a, b])).toEqual({ seconds: (2 + 4 + 10 + 10) / 2, atLeast: false });
    times.finished("c", record("train", 10));
    times.finished("d", record("train", 10));
    expect(times.left([a, b]).seconds).toBe(4);
    expect(times.left([]).seconds).toBe(20);
  });
});

describe("progress as lines", () => {
  it("says something every few seconds at most, and once per finished step", () => {
    const lines: string[] = [];
    let time = 0;
    const clock: Clock = { now: () => time };
    const output = {
      line: (text = "") => lines.push(text),
      isTerminal: false,
      colors: pc.createColors(false),
    };
    const progress = progressLines(output, clock);
    const [a, b] = [step("train a"), step("train b")];
    progress.planned?.(
      plan,
      new Map([
        ["a", a],
        ["b", b],
      ]),
      new Map([["b", record("train", 1)]]),
    );
    progress.stepStarted?.(a);
    for (let done = 0; done <= 110; done++) {
      time = done * 100;
      progress.progress?.(a, done, 200, "images");
    }
    progress.stepFinished?.(a, record("train", 11.04, { "test/accuracy": 0.915 }), false);
    progress.stepFinished?.(b, record("train", 1), true);
    expect(lines).toEqual([
      "2 steps: 1 to compute, 1 kept from before.",
      "train a: 25 %, 10 images/s, 15.0 s left",
      "train a: 50 %, 10 images/s, 10.0 s left",
      "train a: 11.0 s, test accuracy 91.50 %",
      "train b: reused",
    ]);
  });

  it("measures steps that are under way at the same time each by itself, and says what became of them", () => {
    const lines: string[] = [];
    let time = 0;
    const output = {
      line: (text = "") => lines.push(text),
      isTerminal: false,
      colors: pc.createColors(false),
    };
    const progress = progressLines(output, { now: () => time });
    const [a, b] = [step("a"), step("b")];
    progress.stepStarted?.(a);
    progress.stepStarted?.(b);
    progress.progress?.(a, 0, 100, "images");
    progress.progress?.(b, 0, 100, "images");
    time = 5000;
    progress.progress?.(a, 50, 100, "images");
    progress.progress?.(b, 25, 100, "images");
    progress.stepRetried?.(a, "it was killed by SIGKILL");
    progress.stepFailed?.(b, new Error('Step "b" (train) failed: its worker process died twice.'));
    expect(lines).toEqual([
      "a: 50 %, 10 images/s, 5.0 s left",
      "b: 25 %, 5.0 images/s, 15.0 s left",
      "a: its worker is gone (it was killed by SIGKILL); once more, from its last saved state",
      'Step "b" (train) failed: its worker process died twice. What does not depend on it goes on.',
    ]);
  });

  it("tells the accuracy of an evaluation that names no group", () => {
    expect(describeFinished(step("e"), record("evaluate", 0.5, { accuracy: 1 }), false)).toBe(
      "e: 0.5 s, test accuracy 100.00 %",
    );
  });
});
