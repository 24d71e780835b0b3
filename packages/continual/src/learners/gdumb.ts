import {
  classification,
  defineLearner,
  initialize,
  type LearnerContext,
  memoryOf,
  trainSettings,
} from "@isthmus/core";
import { z } from "zod";
import { keptState, OnlineMemory } from "../memory/online-memory.js";

const options = z.strictObject({
  training: trainSettings
    .prefault({
      epochs: 256,
      batchSize: 16,
      optimizer: { kind: "sgd", learningRate: 0.05, momentum: 0.9, weightDecay: 1e-6 },
      schedule: { kind: "restarts", warmUp: 1 },
    })
    .describe("settings with which a fresh network is trained on the memory"),
});

/** Options of GDumb, resolved. */
export type GdumbOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    gdumb: GdumbOptions;
  }
}

/** What is left when all images of the task have been shown to the memory once, in random order. */
function kept(context: LearnerContext): ReturnType<typeof keptState> {
  const { rng, seen, task } = context;
  const memory = new OnlineMemory(context);
  memory.offer(rng.fork("order").permutation(task.train.count), rng.fork("memory"));
  return keptState(memory.contents(), seen);
}

/**
 * GDumb (Prabhu, Torr & Dokania 2020, ECCV): images are kept greedily, as many of each class (a memory whose policy is `balanced`),
 * and whenever the network is asked for, a fresh one is trained on them alone: here after every task. The defaults of `training` are
 * those of the published code, without its CutMix, its clipping of gradients and its batch normalization. Trained are answers among
 * all classes, whatever the recipe masks.
 */
export const gdumb = defineLearner({
  name: "gdumb",
  title: "GDumb",
  description:
    "Keeps as many images of each class as there is room for, and trains a fresh network on them alone.",
  paper: {
    title: "Prabhu et al. 2020, GDumb: A Simple Approach that Questions Our Progress in Continual Learning",
    url: "https://doi.org/10.1007/978-3-030-58536-5_31",
  },
  options,
  needs: () => ({ memory: "online" }),
  beforeTask({ training }, context) {
    const { model, rng, seen } = context;
    return {
      objective: classification(model.unmasked ?? model, initialize(model, rng.fork("init"))),
      data: memoryOf(seen, kept(context).memory).data,
      settings: training,
    };
  },
  afterTask: (_options, context) => ({ params: context.trained.params, ...kept(context) }),
});
