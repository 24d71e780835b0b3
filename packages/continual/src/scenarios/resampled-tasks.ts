import { type ImageDataset, LabeledImages, type Task } from "@isthmus/core";
import { ResampledImages, type Resampling } from "./resampled-images.js";

/** Tasks of all images of a data set, each with its pixels resampled in its own way, or (undefined) as they are. */
export function resampledTasks(
  dataset: ImageDataset,
  ways: readonly { readonly name: string; readonly resampling: Resampling | undefined }[],
): readonly Task[] {
  const { mean, std } = dataset.normalization;
  const black = mean.map((each, c) => -each / (std[c] as number));
  const classes = dataset.classNames.map((_, c) => c);
  return ways.map(({ name, resampling }, index) => {
    const view = (split: "train" | "test") => {
      const images = new LabeledImages(dataset, split);
      return resampling === undefined ? images : new ResampledImages(images, resampling, black);
    };
    return { index, name, classes, train: view("train"), test: view("test") };
  });
}
