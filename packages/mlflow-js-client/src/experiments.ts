import { getApi, postApi } from "./api.js";
import { decodeExperiment, objectIn, pageIn, textIn } from "./decode.js";
import { encodeExperimentTags, type TextValue, type TextValues } from "./encode.js";
import { hasCode, invalidArgument, MlflowError } from "./error.js";
import type { Http } from "./http.js";
import { checkKey, checkLength } from "./keys.js";
import type { CallOptions } from "./options.js";
import type { Page } from "./paging.js";
import type { Experiment, ViewType } from "./types.js";

/** What a new experiment may be given besides its name. */
export interface CreateExperimentOptions {
  /** Where its runs keep their artifacts; default: the server's own place. */
  readonly artifactLocation?: string | undefined;
  readonly tags?: TextValues | undefined;
}

/** Which experiments to look for. */
export interface SearchExperimentsOptions {
  /** For example ``name LIKE 'mnist%' AND tags.`kind` = 'study'``. */
  readonly filter?: string;
  /** For example `["name ASC"]`. */
  readonly orderBy?: readonly string[];
  /** Default `ACTIVE_ONLY`. */
  readonly viewType?: ViewType;
  /** Experiments per page; default 1000. */
  readonly pageSize?: number;
}

const MAX_NAME_LENGTH = 500;
const MAX_RACES = 5;

/** `experiments/create`; answers the new id. */
export async function createExperiment(
  http: Http,
  name: string,
  options: CreateExperimentOptions,
  call?: CallOptions,
): Promise<string> {
  if (typeof name !== "string" || name === "") throw invalidArgument("An experiment needs a name.");
  checkLength(`The experiment name "${name.slice(0, 20)}…"`, name, MAX_NAME_LENGTH);
  const body = {
    name,
    artifact_location: options.artifactLocation,
    tags: encodeExperimentTags(options.tags ?? {}),
  };
  return textIn(await postApi(http, "experiments/create", body, call), "experiment_id");
}

/** `experiments/get`. */
export async function getExperiment(
  http: Http,
  experimentId: string,
  call?: CallOptions,
): Promise<Experiment> {
  const json = await getApi(http, "experiments/get", { experiment_id: experimentId }, call);
  return decodeExperiment(objectIn(json, "experiment"));
}

/** `experiments/get-by-name`; `undefined` when there is none. */
export async function getExperimentByName(
  http: Http,
  name: string,
  call?: CallOptions,
): Promise<Experiment | undefined> {
  try {
    const json = await getApi(http, "experiments/get-by-name", { experiment_name: name }, call);
    return decodeExperiment(objectIn(json, "experiment"));
  } catch (error) {
    if (hasCode(error, "RESOURCE_DOES_NOT_EXIST")) return undefined;
    throw error;
  }
}

/**
 * Looks, creates or restores, and looks again: another process may do any of these at the same time, and a deleted
 * experiment still owns its name.
 */
export async function getOrCreateExperiment(
  http: Http,
  name: string,
  options: CreateExperimentOptions,
  call?: CallOptions,
): Promise<Experiment> {
  let lost: unknown;
  for (let race = 0; race < MAX_RACES; race++) {
    const found = await getExperimentByName(http, name, call);
    if (found?.lifecycleStage === "active") return found;
    try {
      if (found) await restoreExperiment(http, found.experimentId, call);
      else return await getExperiment(http, await createExperiment(http, name, options, call), call);
    } catch (error) {
      const someoneWasFaster =
        hasCode(error, "RESOURCE_ALREADY_EXISTS") || hasCode(error, "RESOURCE_DOES_NOT_EXIST");
      if (!someoneWasFaster) throw error;
      lost = error;
    }
  }
  throw new MlflowError(`The experiment "${name}" keeps changing between deleted and active.`, {
    code: "RESOURCE_CONFLICT",
    cause: lost,
  });
}

/** `experiments/search`, one page. */
export async function searchExperimentsPage(
  http: Http,
  options: SearchExperimentsOptions,
  pageToken: string | undefined,
  call?: CallOptions,
): Promise<Page<Experiment>> {
  const body = {
    filter: options.filter,
    order_by: options.orderBy,
    view_type: options.viewType ?? "ACTIVE_ONLY",
    max_results: options.pageSize ?? 1000,
    page_token: pageToken,
  };
  return pageIn(await postApi(http, "experiments/search", body, call), "experiments", decodeExperiment);
}

/** `experiments/update`: a new name. */
export async function renameExperiment(
  http: Http,
  experimentId: string,
  newName: string,
  call?: CallOptions,
): Promise<void> {
  checkLength("The experiment's new name", newName, MAX_NAME_LENGTH);
  await postApi(http, "experiments/update", { experiment_id: experimentId, new_name: newName }, call);
}

/** `experiments/delete`; repeating it after a lost answer is no error. */
export async function deleteExperiment(http: Http, experimentId: string, call?: CallOptions): Promise<void> {
  await unlessDoneBefore(postApi(http, "experiments/delete", { experiment_id: experimentId }, call));
}

/** `experiments/restore`; repeating it after a lost answer is no error. */
export async function restoreExperiment(http: Http, experimentId: string, call?: CallOptions): Promise<void> {
  await unlessDoneBefore(postApi(http, "experiments/restore", { experiment_id: experimentId }, call));
}

/** `experiments/set-experiment-tag`. */
export async function setExperimentTag(
  http: Http,
  experimentId: string,
  key: string,
  value: TextValue,
  call?: CallOptions,
): Promise<void> {
  const [entry] = encodeExperimentTags({ [key]: value });
  await postApi(http, "experiments/set-experiment-tag", { experiment_id: experimentId, ...entry }, call);
}

/** `experiments/delete-experiment-tag`; repeating it after a lost answer is no error. */
export async function deleteExperimentTag(
  http: Http,
  experimentId: string,
  key: string,
  call?: CallOptions,
): Promise<void> {
  checkKey("tag", key);
  const body = { experiment_id: experimentId, key };
  await unlessDoneBefore(postApi(http, "experiments/delete-experiment-tag", body, call));
}

/** A second attempt that finds nothing left to do shows that the first one worked and only its answer was lost. */
export async function unlessDoneBefore(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(hasCode(error, "RESOURCE_DOES_NOT_EXIST") && error.attempts > 1)) throw error;
  }
}
