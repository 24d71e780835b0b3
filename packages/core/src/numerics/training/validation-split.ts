import type { LabeledData } from "../../contracts/labeled-data.js";
import type { Objective } from "../../contracts/training.js";
import { IsthmusError } from "../../errors/isthmus-error.js";
import type { Rng } from "../rng.js";
import type { TrainSettings } from "./settings.js";

/** Number of images that are held out of `count`. */
export function heldOut(count: number, validationShare: number): number {
  return Math.round(validationShare * count);
}

/**
 * Holds out the share `validationShare` of the images, chosen at random by the stream `validation`. `indices` are those of the
 * training images in `data`; undefined where they are all of them.
 *
 * @throws `train/no-validation` where nothing would be left on a side, or the objective can't be evaluated
 */
export function splitForValidation(
  data: LabeledData,
  objective: Objective,
  { validationShare }: TrainSettings,
  rng: Rng,
): {
  readonly training: LabeledData;
  readonly indices?: Uint32Array;
  readonly validation?: LabeledData;
} {
  if (validationShare === 0) return { training: data };
  if (objective.evaluate === undefined) {
    throw new IsthmusError({
      code: "train/no-validation",
      message: "What is being trained can't be evaluated on held-out data, but validationShare is not 0.",
      hint: "Set validationShare to 0.",
    });
  }
  const held = heldOut(data.count, validationShare);
  const order = rng.fork("validation").permutation(data.count);
  if (held === 0 || held === data.count) {
    throw new IsthmusError({
      code: "train/no-validation",
      message: `A validation share of ${validationShare} of ${data.count} images leaves ${held === 0 ? "nothing to validate on" : "nothing to train on"}.`,
      hint: "Choose another validationShare, or more data.",
    });
  }
  const indices = order.slice(held).sort();
  return {
    training: data.subset(indices),
    indices,
    validation: data.subset(order.slice(0, held).sort()),
  };
}
