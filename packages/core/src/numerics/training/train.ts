import type { Scalar } from "@tensorflow/tfjs-core";
import type { HostBatch, LabeledData } from "../../contracts/labeled-data.js";
import type { Progress } from "../../contracts/ports.js";
import type {
  EpochRecord,
  Objective,
  TrainHooks,
  TrainResult,
  TrainState,
} from "../../contracts/training.js";
import { IsthmusError, throwIfAborted } from "../../errors/isthmus-error.js";
import { engine } from "../engine/engine.js";
import { disposeTensors, toOwnTensors, toParams, toTensors } from "../engine/tensors.js";
import { tf } from "../engine/tf.js";
import { Pacer } from "../pacer.js";
import { allFinite } from "../params.js";
import type { Rng } from "../rng.js";
import { HeldTensors } from "./held-tensors.js";
import { scheduleFactor } from "./schedule.js";
import type { TrainSettings } from "./settings.js";
import { trainingStep } from "./step.js";
import { splitForValidation } from "./validation-split.js";

/** What training may use besides objective, data and settings. */
export interface TrainContext {
  /** Everything random is drawn from streams derived from this one, by epoch and step. */
  readonly rng: Rng;
  readonly signal?: AbortSignal;
  /** Called after every step with images done in total. */
  readonly progress?: Progress;
  /** Gets `train/loss`, `train/learning_rate`, `val/loss`, `val/accuracy` after every epoch; the step is the epoch, from 1. */
  metrics?(values: Readonly<Record<string, number>>, step: number): void;
  readonly hooks?: TrainHooks;
  /** State after some epoch: training goes on from there to the same bits. */
  readonly resume?: TrainState;
  /** Called after every epoch but the last, and after that too where `saveEnd` asks for it. */
  save?(state: TrainState): Promise<void>;
  /** True where other work follows in the same step: a resumed training that had ended gives its result without a step. */
  readonly saveEnd?: boolean;
}

function diverged(what: string, epoch: number): IsthmusError {
  return new IsthmusError({
    code: "train/diverged",
    message: `Training diverged in epoch ${epoch}: the ${what}.`,
    hint: "Lower the learning rate, or check the data for values that are not finite.",
  });
}

/**
 * The one training loop. Trains an objective with batches of `data` by the optimizer and schedule of `settings`.
 *
 * A step is synchronous inside `tidy`: gradients, hooks, update. The loss is accumulated on the engine and read once per
 * epoch. At least every 50 ms the loop yields to the event loop. Weight decay never touches what has no gradient.
 * Same inputs, settings, rng, backend and threads give the same bits, resumed or not.
 *
 * @throws `train/diverged` when loss or weights are no longer finite, `run/aborted` when the signal fires, `train/no-validation`
 */
export async function train(
  objective: Objective,
  data: LabeledData,
  settings: TrainSettings,
  context: TrainContext,
): Promise<TrainResult> {
  await engine();
  const { rng, signal, hooks, resume } = context;
  const { training, indices: origin, validation } = splitForValidation(data, objective, settings, rng);
  if (training.count === 0) {
    throw new IsthmusError({
      code: "train/no-data",
      message: "There are no images to train on.",
      hint: "Check the partition's options.",
    });
  }
  const start = resume?.params ?? objective.initial;
  const params = new HeldTensors(toOwnTensors(start));
  const slots = new HeldTensors(toOwnTensors(resume?.optimizer ?? new Map()));
  const memory = new HeldTensors(toOwnTensors(resume?.memory ?? hooks?.memory ?? new Map()));
  const fixed = toTensors(objective.fixed ?? new Map());
  if (resume?.notes !== undefined) hooks?.notes?.restore(resume.notes);
  // Fresh memory for every batch costs more than filling it; but tensors share it, so only what is known to keep none may reuse it.
  const ownsBatches = hooks === undefined && objective.keepsNoBatch === true;
  const setting = { objective, optimizer: settings.optimizer, hooks, fixed, memory, params, slots };
  const history: EpochRecord[] = [...(resume?.history ?? [])];
  let best = resume?.best;
  let updates = resume?.updates ?? 0;
  const pacer = new Pacer();
  const total = settings.epochs * training.count;

  const runEpoch = async (epoch: number, learningRate: number): Promise<number> => {
    const order = rng.fork(`order/${epoch}`).permutation(training.count);
    let lossSum: Scalar = tf.scalar(0);
    let host: HostBatch | undefined;
    try {
      for (let from = 0, index = 0; from < order.length; from += settings.batchSize, index++) {
        throwIfAborted(signal);
        const stepRng = rng.fork(`step/${epoch}/${index}`);
        const indices = order.subarray(from, from + settings.batchSize);
        host = training.batch(indices, {
          augmentation: settings.augmentation,
          rng: stepRng.fork("augmentation"),
          into: ownsBatches ? host : undefined,
        });
        const { images, labels } = host;
        const loss = tf.tidy(() => {
          const batch = {
            images: tf.tensor(images, [indices.length, ...training.inputShape]),
            labels: tf.tensor1d(labels, "int32"),
            index,
            indices: origin === undefined ? indices : indices.map((i) => origin[i] as number),
          };
          const input = { batch, learningRate, update: updates + 1, epoch, rng: stepRng };
          return tf.add(lossSum, tf.mul(trainingStep(setting, input), indices.length)) as Scalar;
        });
        lossSum.dispose();
        lossSum = loss;
        updates++;
        context.progress?.((epoch - 1) * training.count + from + indices.length, total, "images");
        await pacer.pause();
      }
      return ((await lossSum.data()) as Float32Array)[0] / training.count;
    } finally {
      lossSum.dispose();
    }
  };

  try {
    for (let epoch = (resume?.epoch ?? 0) + 1; epoch <= settings.epochs; epoch++) {
      if (settings.resetOptimizer) {
        slots.clear();
        updates = 0;
      }
      const learningRate =
        settings.optimizer.learningRate * scheduleFactor(settings.schedule, epoch - 1, settings.epochs);
      const loss = await runEpoch(epoch, learningRate);
      if (!Number.isFinite(loss)) {
        throw diverged(`loss became ${loss} (learning rate ${learningRate})`, epoch);
      }
      const values: Record<string, number> = { "train/loss": loss, "train/learning_rate": learningRate };
      let record: EpochRecord = { epoch, loss, learningRate };
      if (validation !== undefined) {
        const current = await toParams(params.all);
        const result = await (objective.evaluate as NonNullable<Objective["evaluate"]>)(current, validation);
        record = { ...record, validation: { loss: result.loss, accuracy: result.accuracy } };
        values["val/loss"] = result.loss;
        values["val/accuracy"] = result.accuracy;
        const bestAccuracy = history.find((each) => each.epoch === best?.epoch)?.validation?.accuracy ?? -1;
        if (result.accuracy > bestAccuracy) best = { epoch, params: current };
      }
      history.push(record);
      context.metrics?.(values, epoch);
      const ended = epoch === settings.epochs;
      if (context.save !== undefined && (!ended || context.saveEnd === true)) {
        await context.save({
          epoch,
          params: await toParams(params.all),
          optimizer: ended ? new Map() : await toParams(slots.all),
          updates,
          history: [...history],
          ...(best === undefined ? {} : { best }),
          ...(memory.all.size === 0 ? {} : { memory: await toParams(memory.all) }),
          ...(hooks?.notes === undefined ? {} : { notes: hooks.notes.save() }),
        });
      }
    }
    const final = await toParams(params.all);
    if (!allFinite(final)) throw diverged("weights are no longer finite", settings.epochs);
    return {
      params: final,
      history,
      ...(best === undefined ? {} : { best }),
      ...(memory.all.size === 0 ? {} : { memory: await toParams(memory.all) }),
      ...(hooks?.notes === undefined ? {} : { notes: hooks.notes.save() }),
    };
  } finally {
    params.clear();
    slots.clear();
    memory.clear();
    disposeTensors(fixed);
  }
}
