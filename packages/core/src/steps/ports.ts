import type { ImageDataset } from "../contracts/dataset.js";
import type { Model, ModelSpec } from "../contracts/model.js";
import type { ContributionKind, Contributions } from "../contracts/plugin.js";
import type { Clock } from "../contracts/ports.js";
import type { DatasetRef, StepOutputs } from "../contracts/step.js";
import type { MetricPoint } from "../contracts/tracker.js";
import type { TrainState } from "../contracts/training.js";
import type { ContributionOrigin } from "../host/plugin-host.js";
import type { EngineIdentity, Environment, RecordDraft, StepRecord } from "./record.js";

/** What running steps needs of the plugin host. */
export interface StepHost {
  resolve<Kind extends ContributionKind>(kind: Kind, name: string): Promise<Contributions[Kind]>;
  origin(kind: ContributionKind, name: string): ContributionOrigin | Promise<ContributionOrigin>;
}

/** Digests of the code that results depend on. Equal digests mean equal code. */
export interface CodeDigest {
  /** Of the file that holds a contribution and everything it imports from its own package. */
  contribution(kind: ContributionKind, name: string): Promise<string>;
  /** Of core's own numerics: engine, training, random streams, evaluation. */
  numerics(): Promise<string>;
}

/** Data sets by name. */
export interface Datasets {
  /** Identifies the exact data, without loading it where possible. */
  digest(ref: DatasetRef): Promise<string>;
  /** Loads a data set once; the same value after that. */
  load(ref: DatasetRef): Promise<ImageDataset>;
}

/** State of a step under way: what a crash leaves to go on from. */
export interface StepState {
  /** Of every training that the step has begun, by its name in the step. */
  readonly trainings: ReadonlyMap<string, TrainState>;
  /** Everything recorded up to then. */
  readonly metrics: readonly MetricPoint[];
}

/** Keeps results under their keys. */
export interface StepStore {
  /** The record of a finished step; undefined where there is none. */
  find(key: string): Promise<StepRecord | undefined>;
  /** Reads what a finished step left behind. */
  outputs(record: StepRecord, buildModel: (spec: ModelSpec) => Promise<Model>): Promise<StepOutputs>;
  /**
   * Stores outputs, then the record that makes the step finished: all of it or nothing. Where someone else finished the same
   * step first, theirs is kept. Returns the record that is kept, and drops the step's state.
   */
  finish(draft: RecordDraft, outputs: StepOutputs): Promise<StepRecord>;
  /** Where an artifact of a finished step lies: a path on this machine, or an address. */
  locate(key: string, path: string): string;
  /** The last saved state; undefined where there is none that can be used. */
  loadState(key: string): Promise<StepState | undefined>;
  /** Replaces the saved state: after a crash the old or the new one is there, never a mixture. */
  saveState(key: string, state: StepState): Promise<void>;
}

/** What keys are made from. */
export interface KeyPorts {
  readonly host: StepHost;
  readonly code: CodeDigest;
  readonly datasets: Datasets;
  readonly engine: EngineIdentity;
}

/** What running a plan needs from outside. */
export interface RunPorts extends KeyPorts {
  readonly store: StepStore;
  readonly clock: Clock;
  readonly environment: Environment;
}
