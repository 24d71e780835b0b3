import type { DatasetRef, Datasets, ImageDataset, Network, PluginHost, TaskShape } from "@isthmus/core";
import { IsthmusError, parseReference } from "@isthmus/core";

/** A data set that a command works on. */
export interface OpenedDataset {
  /** Name and resolved options. */
  readonly ref: DatasetRef;
  readonly images: ImageDataset;
  /** What networks for it are fed and tell apart. */
  readonly task: TaskShape;
}

/**
 * Loads a data set as the command line names it: `mnist`, `digits {train: 2000}`.
 *
 * @param option the command-line option, for messages
 * @throws `options/…`, `plugin/unknown-name`, `data/…`
 */
export async function openDataset(
  text: string,
  option: string,
  { host, datasets }: { readonly host: PluginHost; readonly datasets: Datasets },
): Promise<OpenedDataset> {
  const { name, options } = parseReference(text, option);
  const ref = { name, options: await host.checkOptions("dataset", name, options) };
  const images = await datasets.load(ref);
  const { inputShape, classNames } = images;
  return { ref, images, task: { inputShape, classes: classNames.length } };
}

const described = ({ inputShape, classes }: TaskShape) =>
  `images of ${inputShape.join(" × ")} and tells ${classes} classes apart`;

/**
 * Refuses a network that was made for other data.
 *
 * @param file the network's file, for messages
 * @throws `cli/wrong-dataset`
 */
export function checkTask({ model }: Network, file: string, { ref, task }: OpenedDataset): void {
  const own = model.spec.task;
  if (own.classes === task.classes && own.inputShape.join() === task.inputShape.join()) return;
  throw new IsthmusError({
    code: "cli/wrong-dataset",
    message: `The network of ${file} takes ${described(own)}; the data set "${ref.name}" has images of ${task.inputShape.join(" × ")} and ${task.classes} classes.`,
    hint: "Name the data set that the network was trained for: isthmus data list shows them.",
  });
}
