import type { StepContext, StepOutputs } from "../contracts/step.js";
import type { MetricPoint } from "../contracts/tracker.js";
import type { TrainState } from "../contracts/training.js";
import { throwIfAborted } from "../errors/isthmus-error.js";
import { Rng } from "../numerics/rng.js";
import { type KeyedStep, stepOptions } from "./plan-keys.js";
import type { RunPorts } from "./ports.js";
import type { StepRecord } from "./record.js";
import type { StepEvents } from "./step-runner.js";

/** Numbers of a running step, each with the time at which it was made. Its saved state keeps them across a crash. */
class Series {
  #points: MetricPoint[] = [];

  constructor(
    private readonly now: () => number,
    private readonly report: (points: readonly MetricPoint[]) => void,
  ) {}

  get points(): readonly MetricPoint[] {
    return [...this.#points];
  }

  add(values: Readonly<Record<string, number>>, step: number): void {
    const timestamp = this.now();
    this.#append(Object.entries(values).map(([key, value]) => ({ key, value, step, timestamp })));
  }

  /** Takes over what was recorded before a crash, in place of anything recorded since. */
  restore(points: readonly MetricPoint[]): void {
    this.#points = [];
    this.#append(points);
  }

  #append(points: readonly MetricPoint[]): void {
    for (const point of points) this.#points.push(point);
    if (points.length > 0) this.report(points);
  }
}

/** Computes one step and stores its record; the outputs are given along, so that the next step need not read them. */
export async function runStep(
  step: KeyedStep,
  inputs: Readonly<Record<string, readonly StepOutputs[]>>,
  ports: RunPorts,
  signal: AbortSignal,
  events: Pick<StepEvents, "progress" | "metrics">,
): Promise<{ readonly record: StepRecord; readonly outputs: StepOutputs }> {
  const { host, store, clock, datasets, engine, environment } = ports;
  const { key, kind, description, plugins } = step;
  const stepKind = await host.resolve("step", kind);
  const series = new Series(
    () => clock.now(),
    (points) => events.metrics(points),
  );
  let trainings: Map<string, TrainState> | undefined;
  /** States of the trainings, from the store at first. */
  const begun = async (): Promise<Map<string, TrainState>> => {
    if (trainings !== undefined) return trainings;
    const saved = await store.loadState(key);
    if (saved !== undefined) series.restore(saved.metrics);
    trainings = new Map(saved?.trainings);
    return trainings;
  };
  const { seed } = step.options;
  const context: StepContext = {
    rng: Rng.seed(typeof seed === "number" ? seed : 0),
    signal,
    progress: (done, total, unit) => events.progress(done, total, unit),
    resolve: (contribution, name) => host.resolve(contribution, name),
    dataset: (ref) => datasets.load(ref),
    metrics: (values, at) => series.add(values, at),
    state: {
      load: async (training = "") => (await begun()).get(training),
      save: async (state, training = "") => {
        const all = (await begun()).set(training, state);
        await store.saveState(key, { trainings: all, metrics: series.points });
      },
    },
  };
  throwIfAborted(signal);
  const startedAt = clock.now();
  const outputs = await stepKind.run(inputs, stepOptions(stepKind, step), context);
  const finishedAt = clock.now();
  const seconds = (finishedAt - startedAt) / 1000;
  const provenance = { environment, engine, plugins, startedAt, finishedAt, seconds };
  const record = await store.finish({ key, kind, description, metrics: series.points, provenance }, outputs);
  return { record, outputs };
}
