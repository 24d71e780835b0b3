import type { Dataset } from "@isthmus/core";
import { isIsthmusError } from "@isthmus/core";
import { nodeDataFiles } from "@isthmus/core/node";
import type { DataPlaces } from "./project.js";

/** Whether a data set could be read right now, without the network. */
export type Presence =
  /** Needs no files. */
  | { readonly state: "generated" }
  /** Its files are all there and sound, in this folder; `remarks` is what there is to know of them. */
  | { readonly state: "present"; readonly folder: string; readonly remarks: readonly string[] }
  | { readonly state: "missing" }
  /** A file is there that is not what it should be. */
  | { readonly state: "damaged"; readonly problem: string };

/** Loads a data set from a folder alone. */
async function presenceIn(dataset: Dataset, folder: string): Promise<Presence> {
  const files = nodeDataFiles({ dataDir: folder, cacheDir: folder });
  try {
    const options = dataset.options.safeParse({});
    if (!options.success) return { state: "missing" };
    const remarks: string[] = [];
    await dataset.load(options.data, { files, remark: (text) => remarks.push(text) });
    return { state: "present", folder, remarks };
  } catch (error) {
    if (isIsthmusError(error) && error.code === "data/not-found") return { state: "missing" };
    return { state: "damaged", problem: (error as Error).message };
  }
}

/** Looks in the user's folder where one is given, else in the cache. A data set that names no source is made on the spot. */
export async function datasetPresence(dataset: Dataset, places: DataPlaces): Promise<Presence> {
  if (dataset.source === undefined) return { state: "generated" };
  return presenceIn(dataset, places.dataDir ?? places.cacheDir);
}

/** A presence in words. */
export function describePresence(presence: Presence): string {
  switch (presence.state) {
    case "generated":
      return "made on the spot";
    case "present":
      return [`present in ${presence.folder}`, ...presence.remarks].join(". ");
    case "missing":
      return "not here";
    case "damaged":
      return `damaged: ${presence.problem}`;
  }
}
