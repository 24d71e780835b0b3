import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { DenseLayer } from "../../contracts/model.js";
import type { Objective, TensorBatch, TrainHooks } from "../../contracts/training.js";
import { hasFastKernel, runFastKernel, soleOwners } from "../engine/fast-kernels.js";
import { tf } from "../engine/tf.js";
import type { Rng } from "../rng.js";
import { stackInputs } from "./dense-stack.js";
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
function composedStep({ objective, optimizer, hooks, params, slots }: StepSetting, input: StepInput): Scalar {
  const { batch, learningRate, epoch, rng } = input;
  const step = objective.lossAndGradients(params.all, batch, rng);
  const described = { gradients: step.gradients, trainable: params.all, batch, epoch, rng };
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
  hooks?.afterUpdate?.({
    before: params.all,
    after: new Map([...params.all, ...update.params]),
    gradients,
  });
  params.replace(update.params);
  slots.replace(update.slots);
  return step.loss;
}

/** The whole step as one kernel, for a stack of dense layers under momentum; undefined where that can't be had. */
function fusedStep(
  { objective, optimizer, hooks, params, slots }: StepSetting,
  input: StepInput,
): Scalar | undefined {
  const { stack } = objective;
  if (stack === undefined || hooks !== undefined || !hasFastKernel("DenseStackMomentum")) return undefined;
  if (optimizer.kind !== "sgd" || optimizer.momentum === 0) return undefined;
  const inputs: Record<string, Tensor> = stackInputs(stack, params.all, input.batch);
  const held = (parameter: string): Tensor => {
    const slot = `velocity/${parameter}`;
    if (!slots.all.has(slot))
      slots.replace(new Map([[slot, tf.zerosLike(params.all.get(parameter) as Tensor)]]));
    return slots.all.get(slot) as Tensor;
  };
  stack.forEach(({ kernel, bias }: DenseLayer, l) => {
    inputs[`kernelVelocity${l}`] = held(kernel);
    if (bias !== undefined) inputs[`biasVelocity${l}`] = held(bias);
  });
  if (!soleOwners(...params.all.values(), ...slots.all.values())) return undefined;
  const { momentum, weightDecay } = optimizer;
  const activations = stack.map(({ activation }) => activation);
  const attrs = { activations, momentum, weightDecay, learningRate: input.learningRate };
  return runFastKernel("DenseStackMomentum", inputs, attrs)[0] as Scalar;
}
