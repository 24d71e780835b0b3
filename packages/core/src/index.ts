export type { Checkpoint } from "./checkpoint/checkpoint.js";
export { decodeCheckpoint, encodeCheckpoint, encodeTorchSafetensors } from "./checkpoint/checkpoint.js";
export type { NetworkSummary, ParameterSummary, ValueSummary } from "./checkpoint/inspect-network.js";
export { inspectNetwork } from "./checkpoint/inspect-network.js";
export { writeNpz } from "./checkpoint/npz.js";
export type { NetworkFormat, OpenedNetwork } from "./checkpoint/open-network-file.js";
export { openNetworkFile } from "./checkpoint/open-network-file.js";
export type { ParameterSets } from "./checkpoint/parameter-sets.js";
export { decodeParameterSets, encodeParameterSets } from "./checkpoint/parameter-sets.js";
export type { PickleGlobal, UnpickleOptions } from "./checkpoint/pickle/pickle-machine.js";
export { asText, PickleName } from "./checkpoint/pickle/pickle-machine.js";
export { unpickle } from "./checkpoint/pickle/unpickle.js";
export type { OpenNetworkOptions } from "./checkpoint/recognize.js";
export { readSafetensors, writeSafetensors } from "./checkpoint/safetensors.js";
export { torchShape } from "./checkpoint/torch-shape.js";
export type { Architecture, ArchitectureOptions, NamedShape } from "./contracts/architecture.js";
export { defineArchitecture } from "./contracts/architecture.js";
export type {
  Dataset,
  DatasetContext,
  DatasetOptions,
  ImageDataset,
  ImageSplit,
  Partition,
  PartitionOptions,
} from "./contracts/dataset.js";
export { defineDataset, definePartition } from "./contracts/dataset.js";
export type { Evaluation } from "./contracts/evaluation.js";
export type {
  ContributionPart,
  Experiment,
  ImportedNetwork,
  Plan,
  PlanContext,
  PlannedNetwork,
  ResultColumn,
} from "./contracts/experiment.js";
export { defineExperiment } from "./contracts/experiment.js";
export type {
  Figure,
  FusionContext,
  FusionInput,
  FusionMeta,
  FusionMethod,
  FusionOptions,
  FusionResult,
  Network,
} from "./contracts/fusion.js";
export { defineFusion } from "./contracts/fusion.js";
export type { Json, JsonObject } from "./contracts/json.js";
export type { Augmentation, HostBatch, LabeledData } from "./contracts/labeled-data.js";
export type {
  FusionUse,
  Learner,
  LearnerContext,
  LearnerNeeds,
  LearnerOptions,
  LearnerState,
  MemoryRule,
  TaskMemory,
  TaskTraining,
  TrainedContext,
} from "./contracts/learner.js";
export { defineLearner } from "./contracts/learner.js";
export type {
  ApplyContext,
  DenseLayer,
  Initializer,
  Model,
  ModelSpec,
  ParameterSpec,
  Tap,
  TaskShape,
  TorchLayout,
  TorchTensor,
  UnitAxis,
  UnitGroup,
} from "./contracts/model.js";
export type { OptionsIssue, OptionsSchema, Schema } from "./contracts/options.js";
export { optionsSchema } from "./contracts/options.js";
export type { ArrayValue, Params } from "./contracts/params.js";
export type {
  ContributionKind,
  ContributionOf,
  Contributions,
  Plugin,
  PluginManifest,
  PluginRegistry,
} from "./contracts/plugin.js";
export { CONTRIBUTION_KINDS, definePlugin, PLUGIN_API_VERSION } from "./contracts/plugin.js";
export type { Clock, DataFileRequest, DataFiles, Ids, Progress } from "./contracts/ports.js";
export type { Scenario, ScenarioOptions, Task } from "./contracts/scenario.js";
export { defineScenario } from "./contracts/scenario.js";
export type {
  ContributionRef,
  DatasetRef,
  PlannedStep,
  StepContext,
  StepKind,
  StepOutputs,
  Table,
} from "./contracts/step.js";
export { defineStep } from "./contracts/step.js";
export type { DatasetInput, MetricPoint, RunStart, RunStatus, Tracker } from "./contracts/tracker.js";
export type {
  EpochRecord,
  LossAndGradients,
  Objective,
  StackCurve,
  TensorBatch,
  Tensors,
  TrainHooks,
  TrainResult,
  TrainState,
} from "./contracts/training.js";
export type { ErrorDetails } from "./errors/isthmus-error.js";
export { IsthmusError, isIsthmusError, throwIfAborted } from "./errors/isthmus-error.js";
export { nearest } from "./errors/nearest.js";
export { naming, recipeParts } from "./experiments/recipe-parts.js";
export type { ResolvedPart } from "./experiments/resolve-parts.js";
export {
  checkName,
  prefixedParams,
  resolveArchitecture,
  resolveDataset,
  resolvePart,
  withUsed,
} from "./experiments/resolve-parts.js";
export { KIND_TITLES } from "./host/kind-titles.js";
export type { OptionsProblem } from "./host/options-problems.js";
export { formatPath, formatProblems } from "./host/options-problems.js";
export type { ContributionOrigin, PluginInfo, PluginProblem } from "./host/plugin-host.js";
export { PluginHost } from "./host/plugin-host.js";
export type { PluginSource } from "./host/plugin-source.js";
export type { OptionsResult } from "./host/read-options.js";
export { combineTensors } from "./numerics/combine.js";
export { crossEntropy, oneHot } from "./numerics/cross-entropy.js";
export { concatenate } from "./numerics/data/concatenate.js";
export { LabeledImages } from "./numerics/data/labeled-images.js";
export { JOINT, partOf } from "./numerics/data/parts.js";
export type { ActiveBackend, BackendEntry } from "./numerics/engine/backends.js";
export { BACKENDS } from "./numerics/engine/backends.js";
export type { EngineStatus, ProbedBackend } from "./numerics/engine/engine.js";
export { engine, probeBackends, useBackend } from "./numerics/engine/engine.js";
export { disposeTensors, toParams, toTensors } from "./numerics/engine/tensors.js";
export { tf } from "./numerics/engine/tf.js";
export type { EvaluateOptions } from "./numerics/evaluate.js";
export { evaluate } from "./numerics/evaluate.js";
export type { EvaluateCombinationsOptions } from "./numerics/landscape/combinations.js";
export { evaluateCombinations } from "./numerics/landscape/combinations.js";
export type { Plane, PlaneGrid, PlanePoint } from "./numerics/landscape/plane.js";
export { planeGrid, planeThrough } from "./numerics/landscape/plane.js";
export type { LearnedTask, LearningGivens } from "./numerics/learning/learn-task.js";
export { learnTask } from "./numerics/learning/learn-task.js";
export { memoryOf } from "./numerics/learning/memory-of.js";
export { logitMask, maskLogits } from "./numerics/mask-logits.js";
export type { NormalizedBatch } from "./numerics/normalize-batch.js";
export { normalizeBatch } from "./numerics/normalize-batch.js";
export { checkParams, initialize, linearCombination, sameBits, sizeOf } from "./numerics/params.js";
export { Rng } from "./numerics/rng.js";
export { sha256 } from "./numerics/sha256.js";
export type { Afterwards, FinishFusionOptions } from "./numerics/statistics/finish-fusion.js";
export { AFTERWARDS, afterwardsNeedsData, finishFusion } from "./numerics/statistics/finish-fusion.js";
export type { FisherOptions } from "./numerics/statistics/fisher.js";
export { fisherDiagonal, fisherOptions } from "./numerics/statistics/fisher.js";
export type { StatisticsOptions } from "./numerics/statistics/look-at.js";
export { hasStatistics, reestimateStatistics } from "./numerics/statistics/reestimate.js";
export type { RepairInput } from "./numerics/statistics/repair.js";
export { repair } from "./numerics/statistics/repair.js";
export { gatherAxis, permuteUnits } from "./numerics/symmetry.js";
export type { LossInput } from "./numerics/training/classification.js";
export {
  classification,
  derivedObjective,
  objectiveOf,
  trainedNames,
} from "./numerics/training/classification.js";
export { scheduleFactor } from "./numerics/training/schedule.js";
export type {
  OptimizerSettings,
  ScheduleSettings,
  TrainSettings,
  TrainSettingsInput,
} from "./numerics/training/settings.js";
export { trainSettings } from "./numerics/training/settings.js";
export type { TrainContext } from "./numerics/training/train.js";
export { train } from "./numerics/training/train.js";
export { mergeBlocks } from "./recipe/merge-blocks.js";
export { parseReference } from "./recipe/parse-reference.js";
export type { NetworkImporter } from "./recipe/plan-context.js";
export type { ReadRecipeOptions, Recipe } from "./recipe/read-recipe.js";
export { readRecipe } from "./recipe/read-recipe.js";
export { recipeSchema } from "./recipe/recipe-schema.js";
export { parseSeeds } from "./recipe/seeds.js";
export type { Setting } from "./recipe/settings.js";
export { parseSetting } from "./recipe/settings.js";
export { csvText } from "./steps/csv.js";
export { hostDatasets } from "./steps/datasets.js";
export { canonicalJson, parseExact, stringifyExact } from "./steps/exact-json.js";
export type { ExecuteOptions } from "./steps/execute.js";
export { execute } from "./steps/execute.js";
export { flattenParams } from "./steps/flatten-params.js";
export { importNetwork } from "./steps/import-network.js";
export { afterwardsOption } from "./steps/kinds/references.js";
export { modelBuilder } from "./steps/model-builder.js";
export {
  ARRAYS_FILE,
  decodeOutputs,
  encodeOutputs,
  isFigure,
  NETWORK_FILE,
  tableName,
} from "./steps/outputs.js";
export type { KeyedStep } from "./steps/plan-keys.js";
export { planKeys } from "./steps/plan-keys.js";
export type { PlanObserver } from "./steps/plan-observer.js";
export { joinObservers } from "./steps/plan-observer.js";
export type {
  CodeDigest,
  Datasets,
  KeyPorts,
  RunPorts,
  StepHost,
  StepState,
  StepStore,
} from "./steps/ports.js";
export type {
  EngineIdentity,
  Environment,
  Provenance,
  RecordDraft,
  StepArtifact,
  StepRecord,
} from "./steps/record.js";
export type { ResultRow, Statistic } from "./steps/results.js";
export { results } from "./steps/results.js";
export { ROW_COLORS, rowColors } from "./steps/row-colors.js";
export type { RunSource } from "./steps/run-description.js";
export type { StepEvents, StepJob, StepRunner } from "./steps/step-runner.js";
export { decodeState, encodeState } from "./steps/step-state.js";
export type { PlanTracking, TrackOptions } from "./steps/track-plan.js";
export { trackPlan } from "./steps/track-plan.js";
