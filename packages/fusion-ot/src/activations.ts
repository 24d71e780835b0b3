import {
  disposeTensors,
  engine,
  IsthmusError,
  type LabeledData,
  type Network,
  type Rng,
  type Tap,
  tf,
  toTensors,
} from "@isthmus/core";
import { OUTPUT } from "./output-group.js";
import type { UnitRows } from "./unit-rows.js";

type Tensor = ReturnType<typeof tf.tensor>;

/** Images on which networks are compared. */
export interface Probe {
  /** Flat pixels of all images. */
  readonly images: Float32Array;
  /** `[count, …inputShape]` */
  readonly shape: readonly number[];
}

/** `count` random images of `data` without repetition; all, where there are fewer. */
export function drawProbe(data: LabeledData, count: number, pixels: "normalized" | "unit", rng: Rng): Probe {
  const chosen = rng.permutation(data.count).subarray(0, count);
  return { images: data.batch(chosen, { pixels }).images, shape: [chosen.length, ...data.inputShape] };
}

/**
 * Activations of the units of the named groups, `[units, images · positions]` per group: units of a feature map or of
 * a recurrent layer have a value at every position or time step, those of a residual stream after every block. The group
 * of the outputs has the logits, whatever the stage.
 *
 * @throws `fusion/no-activations` where the model does not report a group.
 */
export async function activations(
  { model, params }: Network,
  groups: readonly string[],
  stage: "pre" | "post",
  probe: Probe,
): Promise<ReadonlyMap<string, UnitRows>> {
  await engine();
  const weights = toTensors(params);
  try {
    const rows = tf.tidy(() => {
      const parts: Record<string, Tensor[]> = {};
      const add = (group: string, value: Tensor) => {
        parts[group] ??= [];
        parts[group].push(tf.transpose(tf.reshape(value, [-1, value.shape[value.rank - 1]])));
      };
      const activation: Tap["activation"] = (group, at, value) => {
        if (at === stage && groups.includes(group)) add(group, value);
      };
      const images = tf.tensor(probe.images, [...probe.shape]);
      const logits = model.apply(weights, images, { training: false, tap: { activation } });
      if (groups.includes(OUTPUT)) add(OUTPUT, logits);
      return Object.fromEntries(Object.entries(parts).map(([group, each]) => [group, tf.concat(each, 1)]));
    });
    try {
      const result = new Map<string, UnitRows>();
      for (const group of groups) {
        if (rows[group] === undefined) throw unreported(model.spec.architecture, group, stage);
        const [units, length] = rows[group].shape;
        const data = Float32Array.from(await rows[group].data());
        result.set(group, { units, length, data, samples: probe.shape[0] });
      }
      return result;
    } finally {
      tf.dispose(rows);
    }
  } finally {
    disposeTensors(weights);
  }
}

function unreported(architecture: string, group: string, stage: string): IsthmusError {
  return new IsthmusError({
    code: "fusion/no-activations",
    message: `${architecture} does not report the ${stage}-activations of its unit group "${group}".`,
    hint: 'Set the option cost to "weights", or the option activation to the other stage.',
  });
}
