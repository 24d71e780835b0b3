import type { Architecture, NamedShape } from "../contracts/architecture.js";
import type { JsonObject } from "../contracts/json.js";
import type { Model, TaskShape } from "../contracts/model.js";
import type { Params } from "../contracts/params.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import type { PluginHost } from "../host/plugin-host.js";
import { describeTensors } from "./file-tensors.js";
import { hasTorchKeys } from "./torch/assign-tensors.js";

/** What a network's file is opened with. */
export interface OpenNetworkOptions {
  /** Knows the architectures. */
  readonly host: Pick<PluginHost, "names" | "resolve" | "checkOptions">;
  /** The architecture, and options that are to hold; whatever is left out is what the file says, or found from the tensors. */
  readonly architecture?: { readonly name: string; readonly options?: JsonObject };
  /** What is known of the images and classes; it wins over what can be guessed from the tensors. */
  readonly task?: Partial<TaskShape>;
}

/** A model, and the tensors in the order in which they are its own. */
export interface Recognized {
  readonly model: Model;
  readonly tensors: Params;
}

function shapesOf(tensors: Params): NamedShape[] {
  return [...tensors].map(([key, { shape }]) => ({ key, shape }));
}

function shownTask({ inputShape, classes }: Partial<TaskShape>): string {
  const images = inputShape && `images of [${inputShape.join(", ")}]`;
  const known = [images, classes && `${classes} classes`].filter(Boolean);
  return known.length === 0 ? "" : ` for ${known.join(" and ")}`;
}

/** Every architecture that can be had; the first error of those that cannot is for when none recognizes anything. */
async function architecturesOf(host: OpenNetworkOptions["host"]) {
  const architectures: Architecture[] = [];
  let failure: unknown;
  for (const name of host.names("architecture")) {
    try {
      architectures.push(await host.resolve("architecture", name));
    } catch (error) {
      failure ??= error;
    }
  }
  return { architectures, failure };
}

function ambiguous(source: string, fits: readonly Recognized[]): IsthmusError {
  const shown = fits.map(({ model: { spec } }) => `${spec.architecture} ${JSON.stringify(spec.options)}`);
  return new IsthmusError({
    code: "checkpoint/ambiguous",
    message: `The tensors of ${source} are those of several architectures: ${shown.join("; ")}.`,
    hint: "Name the architecture.",
  });
}

/** Images that networks are mostly made for: MNIST's and CIFAR's. */
const USUAL_IMAGES = ["28,28,1", "32,32,3"];

/** Of what fits, the only one; or that which PyTorch's keys single out, or images of a usual size; none where nothing does. */
function likeliest(fits: readonly Recognized[]): readonly Recognized[] {
  const named = fits.filter(({ model, tensors }) => hasTorchKeys(model, tensors));
  const usual = fits.filter(({ model }) => USUAL_IMAGES.includes(model.spec.task.inputShape.join()));
  return [fits, named, usual].find(({ length }) => length === 1) ?? [];
}

/** Finds the one architecture that has exactly these tensors, in one of their possible orders; the earlier order wins. */
async function search(
  orders: readonly Params[],
  { host, task = {} }: OpenNetworkOptions,
  source: string,
): Promise<Recognized> {
  const { architectures, failure } = await architecturesOf(host);
  for (const tensors of orders) {
    const fits = architectures.flatMap((architecture) => {
      const found = architecture.recognize?.(shapesOf(tensors), task);
      return found ? [{ model: architecture.build(found.options, found.task), tensors }] : [];
    });
    const [only] = likeliest(fits);
    if (only !== undefined) return only;
    if (fits.length > 0) throw ambiguous(source, fits);
  }
  if (failure !== undefined) throw failure;
  throw new IsthmusError({
    code: "checkpoint/unrecognized",
    message: `No architecture has the tensors of ${source}${shownTask(task)}: ${describeTensors(orders[0])}.`,
    hint: `Name the architecture and its options, to see what does not fit. There are: ${host.names("architecture").join(", ")}.`,
  });
}

/** A model of the architecture that was named, with what was left out taken from the tensors. */
async function build(
  orders: readonly Params[],
  { name, options: given }: NonNullable<OpenNetworkOptions["architecture"]>,
  { host, task = {} }: OpenNetworkOptions,
  source: string,
): Promise<Recognized> {
  const architecture = await host.resolve("architecture", name);
  const found = orders
    .map((tensors) => ({ tensors, ...architecture.recognize?.(shapesOf(tensors), task) }))
    .find(({ options }) => options !== undefined);
  const options = await host.checkOptions("architecture", name, { ...(found?.options ?? {}), ...given });
  const { inputShape, classes } = { ...found?.task, ...task };
  if (inputShape === undefined || classes === undefined) {
    throw new IsthmusError({
      code: "checkpoint/task-unknown",
      message: `The tensors of ${source} do not say for which images ${name} ${JSON.stringify(options)} is and how many classes there are: ${describeTensors(orders[0])}.`,
      hint: "Name the data set, or leave out the options of the architecture.",
    });
  }
  const model = architecture.build(options, { inputShape, classes });
  return { model, tensors: found?.tensors ?? orders[0] };
}

/** The model that tensors of a file belong to. @param orders the tensors in the orders that they may have had, the likeliest first */
export async function recognize(
  orders: readonly Params[],
  options: OpenNetworkOptions,
  source: string,
): Promise<Recognized> {
  const { architecture } = options;
  return architecture === undefined
    ? search(orders, options, source)
    : build(orders, architecture, options, source);
}
