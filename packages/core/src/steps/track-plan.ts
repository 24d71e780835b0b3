import type { Plan, PlannedNetwork } from "../contracts/experiment.js";
import type { Clock, Ids } from "../contracts/ports.js";
import type { MetricPoint, RunStatus, Tracker } from "../contracts/tracker.js";
import { isIsthmusError } from "../errors/isthmus-error.js";
import { isFigure, NETWORK_FILE } from "./outputs.js";
import type { KeyedStep } from "./plan-keys.js";
import type { PlanObserver } from "./plan-observer.js";
import type { StepStore } from "./ports.js";
import type { StepRecord } from "./record.js";
import { metricKey, results } from "./results.js";
import { rowColors } from "./row-colors.js";
import { datasetInputs, networkTags, type RunSource, sourceTags } from "./run-description.js";

/** What tracking a plan needs. */
export interface TrackOptions extends RunSource {
  readonly tracker: Tracker;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly store: Pick<StepStore, "locate">;
  /** Experiment under which a tracking server files the runs. */
  readonly experiment: string;
  readonly recipe: {
    /** Name of the parent run. */
    readonly name: string;
    /** Path of a copy of the recipe that stays as it is. */
    readonly file: string;
    /** Dotted and flat (`flattenParams`). */
    readonly params: Readonly<Record<string, string>>;
  };
}

/** An observer that turns the execution of a plan into runs. */
export interface PlanTracking extends PlanObserver {
  /** `uid` of the parent run; undefined while nothing new was computed, and then there are no runs at all. */
  readonly uid: string | undefined;
  /** Adds a file to the parent run, where there is one: a table, a plot. `file` is a path that stays as it is. */
  artifact(file: string, path: string): void;
  /** Ends the parent run, with mean and standard deviation of each row's accuracy in percent. Call it after the last artifact. */
  finish(): Promise<void>;
}

/** The run of one network. */
interface Child {
  readonly uid: string;
  readonly network: PlannedNetwork;
  /** Steps whose numbers were sent while they were made. */
  readonly live: Set<string>;
  /** Steps whose record has been logged: the network's own and its evaluations. */
  readonly logged: Set<string>;
  /** Time of the last record logged. */
  endTime: number;
}

/** Steps whose numbers belong to a network's run: stages, the one that makes it, evaluations; each once. */
function stepsOf({ stages = [], step, evaluations }: PlannedNetwork): ReadonlySet<string> {
  return new Set([...stages, step, ...evaluations]);
}

/** True for steps in which a network is made: the last of them, and the stages before it. */
function makes({ stages = [], step }: PlannedNetwork, id: string): boolean {
  return step === id || stages.includes(id);
}

function finalPoints(values: Readonly<Record<string, number>>, timestamp: number): readonly MetricPoint[] {
  return Object.entries(values).map(([key, value]) => ({ key, value, step: 0, timestamp }));
}

class Tracking implements PlanTracking {
  uid: string | undefined;
  #ended = false;
  #plan: Plan = { steps: [], networks: [] };
  #steps: ReadonlyMap<string, KeyedStep> = new Map();
  #colors: ReadonlyMap<string, string> = new Map();
  readonly #records = new Map<string, StepRecord>();
  readonly #children = new Map<PlannedNetwork, Child>();
  readonly #options: TrackOptions;

  constructor(options: TrackOptions) {
    this.#options = options;
  }

  planned(plan: Plan, steps: ReadonlyMap<string, KeyedStep>, reused: ReadonlyMap<string, StepRecord>): void {
    this.#plan = plan;
    this.#steps = steps;
    this.#colors = rowColors(plan.networks.map(({ row }) => row));
    for (const [id, record] of reused) this.#records.set(id, record);
  }

  stepStarted(step: KeyedStep): void {
    if (this.uid === undefined) this.#startParent();
    this.#startMade(step);
    for (const child of this.#concerned(step)) child.live.add(step.id);
  }

  metrics(step: KeyedStep, points: readonly MetricPoint[]): void {
    for (const { uid } of this.#concerned(step)) this.#options.tracker.logMetrics(uid, points);
  }

  async stepFinished(step: KeyedStep, record: StepRecord): Promise<void> {
    this.#records.set(step.id, record);
    if (this.uid === undefined) return;
    this.#startMade(step);
    for (const child of this.#concerned(step)) this.#logRecords(child);
    await this.#options.tracker.flush();
  }

  async failed(error: unknown): Promise<void> {
    const aborted = isIsthmusError(error) && error.code === "run/aborted";
    await this.#end(aborted ? "KILLED" : "FAILED");
  }

  artifact(file: string, path: string): void {
    if (this.uid !== undefined && !this.#ended) this.#options.tracker.logArtifact(this.uid, file, path);
  }

  async finish(): Promise<void> {
    if (this.uid === undefined || this.#ended) return;
    const summary: Record<string, number> = {};
    for (const { model, accuracy } of results(this.#plan, this.#records)) {
      if (accuracy === undefined) continue;
      summary[`summary/${model}`] = accuracy.mean;
      summary[`summary/${model}_std`] = accuracy.std;
    }
    const points = finalPoints(summary, this.#options.clock.now());
    if (points.length > 0) this.#options.tracker.logMetrics(this.uid, points);
    await this.#end("FINISHED");
  }

  /** Running children that a step's numbers go to. */
  #concerned(step: KeyedStep): readonly Child[] {
    return [...this.#children.values()].filter(({ network }) => stepsOf(network).has(step.id));
  }

  /** Starts the runs of networks that are made in a step, where they have not begun. */
  #startMade(step: KeyedStep): void {
    for (const network of this.#plan.networks) {
      if (makes(network, step.id) && !this.#children.has(network)) this.#startChild(network);
    }
  }

  #startParent(): void {
    const { tracker, clock, ids, experiment, recipe } = this.#options;
    this.uid = ids.next();
    tracker.startRun({
      uid: this.uid,
      experiment,
      name: recipe.name,
      startTime: clock.now(),
      params: recipe.params,
      tags: sourceTags(this.#options),
      datasets: [],
    });
    tracker.logArtifact(this.uid, recipe.file, "recipe.yaml");
    for (const network of this.#plan.networks) {
      if (this.#records.has(network.step)) this.#startChild(network);
    }
  }

  /** Starts a network's run; where the network exists already, with its recorded times and numbers. */
  #startChild(network: PlannedNetwork): void {
    const { tracker, clock, ids, experiment } = this.#options;
    const record = this.#records.get(network.step);
    const step = this.#steps.get(network.step) as KeyedStep;
    const begun = [network.step, ...(network.stages ?? [])].flatMap((id) => this.#records.get(id) ?? []);
    const startTime = Math.min(clock.now(), ...begun.map(({ provenance }) => provenance.startedAt));
    const uid = ids.next();
    const child = { uid, network, live: new Set<string>(), logged: new Set<string>(), endTime: startTime };
    this.#children.set(network, child);
    tracker.startRun({
      uid,
      parent: this.uid as string,
      experiment,
      name: `${network.row} seed=${network.seed}`,
      startTime,
      params: network.params,
      tags: networkTags(network, step, this.#options, this.#colors.get(network.row) as string, record),
      datasets: datasetInputs(network, this.#steps),
    });
    this.#logRecords(child);
  }

  /** Logs the finished steps of a network that have not been logged yet; ends its run with the last of them. */
  #logRecords(child: Child): void {
    const { network, logged, uid } = child;
    const ids = stepsOf(network);
    for (const id of ids) {
      const record = this.#records.get(id);
      if (record === undefined || logged.has(id)) continue;
      this.#logRecord(child, id, record);
      if (logged.size < ids.size) continue;
      if (network.stages !== undefined) this.#logSeconds(child);
      this.#options.tracker.endRun(uid, "FINISHED", child.endTime);
    }
  }

  /** What making a network in stages has taken, shared stages included. */
  #logSeconds({ uid, network, endTime }: Child): void {
    const seconds = [...stepsOf(network)]
      .filter((id) => makes(network, id))
      .reduce((sum, id) => sum + (this.#records.get(id)?.provenance.seconds ?? 0), 0);
    this.#options.tracker.logMetrics(uid, finalPoints({ "compute/seconds": seconds }, endTime));
  }

  #logRecord(child: Child, id: string, record: StepRecord): void {
    const { tracker, store } = this.#options;
    const { uid, network, live, logged } = child;
    const { finishedAt } = record.provenance;
    const nameOf = makes(network, id)
      ? (key: string) => (key.includes("/") ? key : `summary/${key}`)
      : metricKey;
    const summary = Object.entries(record.summary).map(([key, value]) => [nameOf(key), value]);
    const points = [
      ...(live.has(id) ? [] : record.metrics),
      ...finalPoints(Object.fromEntries(summary), finishedAt),
    ];
    if (points.length > 0) tracker.logMetrics(uid, points);
    for (const { path } of record.artifacts) {
      const wanted = isFigure(path) || (path === NETWORK_FILE && id === network.step);
      if (wanted) tracker.logArtifact(uid, store.locate(record.key, path), path);
    }
    logged.add(id);
    child.endTime = Math.max(child.endTime, finishedAt);
  }

  /** Ends the parent run and every child that is still running; what comes later is ignored. */
  async #end(status: RunStatus): Promise<void> {
    if (this.uid === undefined || this.#ended) return;
    const { tracker, clock } = this.#options;
    const now = clock.now();
    for (const { uid, network, logged } of this.#children.values()) {
      const complete = logged.size === stepsOf(network).size;
      if (!complete) tracker.endRun(uid, status, now);
    }
    tracker.endRun(this.uid, status, now);
    this.#ended = true;
    await tracker.flush();
  }
}

/**
 * Tracks the execution of a plan: one parent run per invocation, begun when the first step is really computed, and below it
 * one run per planned network. Those that exist already appear with the parent, tagged `isthmus.reused`, with the numbers and
 * times of their records; the others when their step starts. Series keep their epochs as steps; evaluations go under `test/…`
 * at step 0; of a network that is made in stages, the stages' series are its own. A network's run ends with its last evaluation, the parent's with `finish` or the failure of the execution.
 *
 * @example
 * const tracking = trackPlan({ tracker, clock, ids, store, experiment: "mnist", recipe, source, choices, environment, engine });
 * const records = await execute(plan, ports, { signal, observer: tracking });
 * tracking.artifact(tableFile, "table.md");
 * await tracking.finish();
 */
export function trackPlan(options: TrackOptions): PlanTracking {
  const tracking = new Tracking(options);
  return tracking;
}
