import { definePlugin } from "@isthmus/core";
import { continualExperiment } from "./experiment/continual.js";
import { agem } from "./learners/agem.js";
import { cumulative } from "./learners/cumulative.js";
import { der } from "./learners/der.js";
import { derpp } from "./learners/derpp.js";
import { ewc } from "./learners/ewc.js";
import { gdumb } from "./learners/gdumb.js";
import { gem } from "./learners/gem.js";
import { icarl } from "./learners/icarl.js";
import { joint } from "./learners/joint.js";
import { lwf } from "./learners/lwf.js";
import { merge } from "./learners/merge.js";
import { naive } from "./learners/naive.js";
import { replay } from "./learners/replay.js";
import { si } from "./learners/si.js";
import { dataIncremental } from "./scenarios/data-incremental.js";
import { domainIncremental } from "./scenarios/domain-incremental.js";
import { permuted } from "./scenarios/permuted.js";
import { rotated } from "./scenarios/rotated.js";
import { split } from "./scenarios/split.js";
import { continualMetrics } from "./steps/continual-metrics.js";
import { continualSummary } from "./steps/continual-summary.js";
import { evaluateStream } from "./steps/evaluate-stream.js";
import { learn } from "./steps/learn.js";

export type { ContinualBody } from "./experiment/body.js";
export type { AgemOptions } from "./learners/agem.js";
export type { CumulativeOptions } from "./learners/cumulative.js";
export type { DerOptions } from "./learners/der.js";
export type { DerppOptions } from "./learners/derpp.js";
export type { EwcOptions } from "./learners/ewc.js";
export type { GdumbOptions } from "./learners/gdumb.js";
export type { GemOptions } from "./learners/gem.js";
export type { IcarlOptions } from "./learners/icarl.js";
export type { JointOptions } from "./learners/joint.js";
export type { LwfOptions } from "./learners/lwf.js";
export type { MergeOptions } from "./learners/merge.js";
export type { NaiveOptions } from "./learners/naive.js";
export type { ReplayOptions } from "./learners/replay.js";
export type { SiOptions } from "./learners/si.js";
export type { MemoryOptions } from "./memory/options.js";
export { memoryOptions } from "./memory/options.js";
export type { ChoosingContext } from "./memory/remember.js";
export { remember } from "./memory/remember.js";
export type { AccuracyMatrix, StreamMetrics } from "./metrics.js";
export { streamMetrics } from "./metrics.js";
export type { DataIncrementalOptions } from "./scenarios/data-incremental.js";
export type { DomainIncrementalOptions } from "./scenarios/domain-incremental.js";
export type { PermutedOptions } from "./scenarios/permuted.js";
export type { RotatedOptions } from "./scenarios/rotated.js";
export type { SplitOptions } from "./scenarios/split.js";
export {
  agem,
  continualExperiment,
  continualMetrics,
  continualSummary,
  cumulative,
  dataIncremental,
  der,
  derpp,
  domainIncremental,
  evaluateStream,
  ewc,
  gdumb,
  gem,
  icarl,
  joint,
  learn,
  lwf,
  merge,
  naive,
  permuted,
  replay,
  rotated,
  si,
  split,
};

/** The plugin: scenarios, learners, and the experiment that compares them. */
export default definePlugin({
  name: "@isthmus/continual",
  version: "0.1.0",
  setup(registry) {
    registry.add("scenario", "split", () => split);
    registry.add("scenario", "permuted", () => permuted);
    registry.add("scenario", "rotated", () => rotated);
    registry.add("scenario", "domain-incremental", () => domainIncremental);
    registry.add("scenario", "data-incremental", () => dataIncremental);
    registry.add("learner", "naive", () => naive);
    registry.add("learner", "cumulative", () => cumulative);
    registry.add("learner", "joint", () => joint);
    registry.add("learner", "merge", () => merge);
    registry.add("learner", "ewc", () => ewc);
    registry.add("learner", "si", () => si);
    registry.add("learner", "lwf", () => lwf);
    registry.add("learner", "gem", () => gem);
    registry.add("learner", "agem", () => agem);
    registry.add("learner", "replay", () => replay);
    registry.add("learner", "der", () => der);
    registry.add("learner", "derpp", () => derpp);
    registry.add("learner", "gdumb", () => gdumb);
    registry.add("learner", "icarl", () => icarl);
    registry.add("step", "learn", () => learn);
    registry.add("step", "evaluate-stream", () => evaluateStream);
    registry.add("step", "continual-metrics", () => continualMetrics);
    registry.add("step", "continual-summary", () => continualSummary);
    registry.add("experiment", "continual", () => continualExperiment);
  },
});
