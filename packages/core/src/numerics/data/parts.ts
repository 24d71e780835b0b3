import type { ImageDataset, Partition } from "../../contracts/dataset.js";
import { IsthmusError } from "../../errors/isthmus-error.js";
import type { Rng } from "../rng.js";
import { LabeledImages } from "./labeled-images.js";

/** Name of the part that is always there: the union of all others, or everything where nothing is dealt out. */
export const JOINT = "joint";

/**
 * The training images of one part.
 *
 * @param dealt the partition with its options; without one there is only `joint`
 * @throws `data/unknown-part`
 */
export function partOf(
  dataset: ImageDataset,
  part: string,
  dealt: { readonly partition: Partition; readonly options: unknown } | undefined,
  rng: Rng,
): LabeledImages {
  const { classNames, splits } = dataset;
  const { train } = splits;
  if (dealt === undefined && part === JOINT) return new LabeledImages(dataset, train);
  const parts =
    dealt?.partition.deal(train, dealt.options, rng, classNames) ?? new Map<string, Uint32Array>();
  const indices = part === JOINT ? union([...parts.values()]) : parts.get(part);
  if (indices === undefined) {
    throw new IsthmusError({
      code: "data/unknown-part",
      message: `There is no part "${part}" of the training images.`,
      hint: `The parts are: ${[JOINT, ...parts.keys()].join(", ")}.`,
    });
  }
  return new LabeledImages(dataset, train, indices);
}

/** All indices of some lists, ascending. */
function union(lists: readonly Uint32Array[]): Uint32Array {
  return Uint32Array.from(new Set(lists.flatMap((list) => [...list]))).sort();
}
