import type { Dataset, DatasetContext, ImageDataset } from "../contracts/dataset.js";
import type { DatasetRef } from "../contracts/step.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { canonicalJson } from "./exact-json.js";
import type { Datasets, StepHost } from "./ports.js";

/** Remembers what a function promised, by the data set asked for; failures are forgotten, so that they can be tried again. */
function once<Value>(compute: (ref: DatasetRef) => Promise<Value>): (ref: DatasetRef) => Promise<Value> {
  const promises = new Map<string, Promise<Value>>();
  return (ref) => {
    const id = canonicalJson([ref.name, ref.options]);
    const known = promises.get(id);
    if (known !== undefined) return known;
    const promise = compute(ref);
    promises.set(id, promise);
    promise.catch(() => promises.delete(id));
    return promise;
  };
}

/**
 * The host's data sets, each digested and loaded at most once; what they remark is said once.
 *
 * @throws `dataset/invalid-options` where a data set does not accept the options it is asked for with.
 */
export function hostDatasets(host: Pick<StepHost, "resolve">, given: DatasetContext): Datasets {
  const said = new Set<string>();
  const remark = (text: string) => {
    if (!said.has(text)) given.remark?.(text);
    said.add(text);
  };
  const context = { ...given, remark };
  const open = async ({ name, options }: DatasetRef): Promise<{ dataset: Dataset; options: unknown }> => {
    const dataset = await host.resolve("dataset", name);
    const parsed = dataset.options.safeParse(options);
    if (parsed.success) return { dataset, options: parsed.data };
    const [issue] = parsed.error.issues;
    throw new IsthmusError({
      code: "dataset/invalid-options",
      message: `The data set "${name}" does not accept ${issue?.path.map(String).join(".") || "its options"}: ${issue?.message}.`,
      hint: "Correct the data set's options in the recipe.",
    });
  };
  return {
    digest: once(async (ref) => {
      const { dataset, options } = await open(ref);
      return dataset.digest(options, context);
    }),
    load: once(async (ref): Promise<ImageDataset> => {
      const { dataset, options } = await open(ref);
      return dataset.load(options, context);
    }),
  };
}
