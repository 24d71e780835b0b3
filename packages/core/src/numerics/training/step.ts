import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { DenseLayer } from "../../contracts/model.js";
import type { Objective, StackCurve, TensorBatch, Tensors, TrainHooks } from "../../contracts/training.js";
import { hasFastKernel, runFastKernel, soleOwners } from "../engine/fast-kernels.js";
import { tf } from "../engine/tf.js";
import type { Rng } from "../rng.js";
import { batchInputs, stackInputs, stackParameters } from "./dense-stack.js";
import type { HeldTensors } from "./held-tensors.js";
import { optimizerUpdate } from "./optimizer.js";
import type { OptimizerSettings } from "./settings.js";

/** What a step of training is told. */
export interface StepInput {
  readonly batch: TensorBatch;
  readonly learningRate: number;
  /** Number of this update since the optimizer's memory was fresh, from 1. */
  readonly update: number;
  /** From 1. */
  readonly epoch: number;
  /** This step's own stream. */
  readonly rng: Rng;
}

/** What is trained, how, and the tensors that a step changes. */
export interface StepSetting {
  readonly objective: Objective;
  readonly optimizer: OptimizerSettings;
  readonly hooks: TrainHooks | undefined;
  /** What the objective reads and nobody trains. */
  readonly fixed: Tensors;
  /** What the hooks remember. */
  readonly memory: HeldTensors;
  readonly params: HeldTensors;
  readonly slots: HeldTensors;
}

/**
 * One step of training: loss and gradient of a batch, then the update of parameters and slots, in place where the backend can.
 * Returns the mean loss of the batch before the update. Call it inside `tidy`.
 */
export function trainingStep(setting: StepSetting, input: StepInput): Scalar {
  return fusedStep(setting, input) ?? composedStep(setting, input);
}

/** Loss and gradient, hooks, update: works for every objective, optimizer and backend. */
function composedStep(setting: StepSetting, input: StepInput): Scalar {
  const { objective, optimizer, hooks, fixed, memory, params, slots } = setting;
  const { batch, learningRate, epoch, rng } = input;
  const read = fixed.size === 0 ? params.all : new Map([...params.all, ...fixed]);
  const step = objective.lossAndGradients(read, batch, rng);
  const described = {
    gradients: step.gradients,
    trainable: params.all,
    batch,
    epoch,
    rng,
    memory: memory.all,
  };
  const gradients = hooks?.beforeUpdate?.(described) ?? step.gradients;
  const inPlace = hooks === undefined;
  const update = optimizerUpdate(
    optimizer,
    learningRate,
    input.update,
    params.all,
    gradients,
    slots.all,
    inPlace,
  );
  for (const [name, value] of step.updates ?? []) update.params.set(name, value);
  const remembered = hooks?.afterUpdate?.({
    before: params.all,
    after: new Map([...params.all, ...update.params]),
    gradients,
    lossGradients: step.lossGradients ?? step.gradients,
    batch,
    epoch,
    memory: memory.all,
  });
  if (remembered !== undefined) memory.replace(remembered);
  params.replace(update.params);
  slots.replace(update.slots);
  return step.loss;
}

/** The whole step as one kernel, for a stack of dense layers or a curve of them under momentum; undefined where that can't be had. */
function fusedStep(setting: StepSetting, input: StepInput): Scalar | undefined {
  const { objective, optimizer, hooks } = setting;
  if (hooks !== undefined || optimizer.kind !== "sgd" || optimizer.momentum === 0) return undefined;
  if (objective.stack !== undefined) return stackStep(objective.stack, optimizer, setting, input);
  if (objective.curve !== undefined) return curveStep(objective.curve, optimizer, setting, input);
  return undefined;
}

type Momentum = Extract<OptimizerSettings, { kind: "sgd" }>;

/** Velocities of a stack's parameters, under the kernels' names; `held` is the name under which a parameter is held. */
function velocities(
  stack: readonly DenseLayer[],
  { params, slots }: StepSetting,
  held: (parameter: string) => string,
): Record<string, Tensor> {
  const velocity = (parameter: string): Tensor => {
    const slot = `velocity/${held(parameter)}`;
    if (!slots.all.has(slot))
      slots.replace(new Map([[slot, tf.zerosLike(params.all.get(held(parameter)) as Tensor)]]));
    return slots.all.get(slot) as Tensor;
  };
  const named: Record<string, Tensor> = {};
  stack.forEach(({ kernel, bias }, l) => {
    named[`kernelVelocity${l}`] = velocity(kernel);
    if (bias !== undefined) named[`biasVelocity${l}`] = velocity(bias);
  });
  return named;
}

function stackStep(
  stack: readonly DenseLayer[],
  { momentum, weightDecay }: Momentum,
  setting: StepSetting,
  { batch, learningRate }: StepInput,
): Scalar | undefined {
  if (!hasFastKernel("DenseStackMomentum")) return undefined;
  const { params, slots } = setting;
  const inputs = { ...stackInputs(stack, params.all, batch), ...velocities(stack, setting, (name) => name) };
  if (!soleOwners(...params.all.values(), ...slots.all.values())) return undefined;
  const activations = stack.map(({ activation }) => activation);
  const attrs = { activations, momentum, weightDecay, learningRate };
  return runFastKernel("DenseStackMomentum", inputs, attrs)[0] as Scalar;
}

function curveStep(
  { stack, free, name, coefficients, penalty }: StackCurve,
  { momentum, weightDecay }: Momentum,
  setting: StepSetting,
  { batch, learningRate, rng }: StepInput,
): Scalar | undefined {
  if (!hasFastKernel("DenseStackCurveMomentum")) return undefined;
  const { params, slots } = setting;
  const { images, labels } = batchInputs(batch);
  const inputs: Record<string, Tensor> = { images, labels };
  free.forEach((trained, k) => {
    const held = (parameter: string) => name(k, parameter);
    const own = {
      ...stackParameters(stack, (parameter) => params.all.get(held(parameter)) as Tensor),
      ...(trained ? velocities(stack, setting, held) : {}),
    };
    for (const [each, tensor] of Object.entries(own)) inputs[`${k}/${each}`] = tensor;
  });
  if (!soleOwners(...params.all.values(), ...slots.all.values())) return undefined;
  const activations = stack.map(({ activation }) => activation);
  const c = [...coefficients(rng)];
  const attrs = { activations, coefficients: c, penalty, momentum, weightDecay, learningRate };
  return runFastKernel("DenseStackCurveMomentum", inputs, attrs)[0] as Scalar;
}
