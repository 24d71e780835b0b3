import { getApi, postApi } from "./api.js";
import { decodeRun, objectIn, pageIn } from "./decode.js";
import { encodeRunTags, encodeTime, type TextValue, type TextValues } from "./encode.js";
import { invalidArgument } from "./error.js";
import { unlessDoneBefore } from "./experiments.js";
import type { Http } from "./http.js";
import { checkKey } from "./keys.js";
import type { CallOptions } from "./options.js";
import type { Page } from "./paging.js";
import type { Run, RunStatus, ViewType } from "./types.js";

/** What a new run is given. */
export interface CreateRunOptions {
  readonly experimentId: string;
  /** Default: the server invents one. */
  readonly name?: string | undefined;
  /** Milliseconds since 1970; default now. */
  readonly startTime?: number | Date | undefined;
  readonly tags?: TextValues | undefined;
  /** Shown as the run's creator; kept in the tag `mlflow.user` too. */
  readonly user?: string | undefined;
  /**
   * An id of your own making, kept in a tag. The server picks run ids itself, so only this lets the client recognize
   * a run whose creation went through while the answer got lost. Letters, digits and `_ - . :`, at most 250.
   */
  readonly uid?: string | undefined;
}

/** What can be changed about a run. */
export interface UpdateRunOptions {
  readonly status?: RunStatus | undefined;
  /** Milliseconds since 1970; default now when `status` is a final one. */
  readonly endTime?: number | Date | undefined;
  readonly name?: string | undefined;
}

/** Which runs to look for. */
export interface SearchRunsOptions {
  readonly experimentIds: readonly string[];
  /** For example ``metrics.`val/acc` > 0.9 AND params.model = 'mlp'``; only AND is known. */
  readonly filter?: string;
  /** For example ``["metrics.`val/acc` DESC"]``. */
  readonly orderBy?: readonly string[];
  /** Default `ACTIVE_ONLY`. */
  readonly viewType?: ViewType;
  /** Runs per page, at most 50 000; default 1000. */
  readonly pageSize?: number;
}

const STATUSES: readonly RunStatus[] = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];
const FINAL: readonly RunStatus[] = ["FINISHED", "FAILED", "KILLED"];

/**
 * `runs/create`. With a `uid`, a repeated attempt first looks whether an earlier one went through; without, the
 * request is repeated only when the server surely did nothing.
 */
export async function createRun(
  http: Http,
  uidTag: string,
  options: CreateRunOptions,
  call: CallOptions = {},
): Promise<Run> {
  const { experimentId, uid } = options;
  const tags = { ...options.tags, ...(options.user === undefined ? {} : { "mlflow.user": options.user }) };
  const json = {
    experiment_id: experimentId,
    run_name: options.name,
    user_id: options.user,
    start_time: encodeTime("The run", options.startTime ?? http.now()),
    tags: encodeRunTags(uid === undefined ? tags : { ...tags, [uidTag]: checkedUid(uid) }),
  };
  const path = "api/2.0/mlflow/runs/create";
  if (uid === undefined) {
    return decodeRun(
      objectIn(await http.json({ method: "POST", path, json }, { ...call, retry: "unsent" }), "run"),
    );
  }
  const recover = async () => {
    const run = await findRunJson(http, experimentId, uidTag, uid, { ...call, retry: "never" });
    return run && { run };
  };
  return decodeRun(objectIn(await http.json({ method: "POST", path, json }, { ...call, recover }), "run"));
}

/** The oldest run with this client-made id, deleted ones included. */
export async function findRunByUid(
  http: Http,
  uidTag: string,
  experimentId: string,
  uid: string,
  call: CallOptions = {},
): Promise<Run | undefined> {
  const run = await findRunJson(http, experimentId, uidTag, checkedUid(uid), call);
  return run && decodeRun(run);
}

async function findRunJson(
  http: Http,
  experimentId: string,
  uidTag: string,
  uid: string,
  control: CallOptions & { readonly retry?: "never" },
) {
  const json = {
    experiment_ids: [experimentId],
    filter: `tags.\`${uidTag}\` = '${uid}'`,
    run_view_type: "ALL",
    order_by: ["attributes.start_time ASC"],
    max_results: 1,
  };
  const page = await http.json({ method: "POST", path: "api/2.0/mlflow/runs/search", json }, control);
  return pageIn(page, "runs", (run) => run).items[0];
}

function checkedUid(uid: string): string {
  if (/^[\w\-.:]{1,250}$/.test(uid)) return uid;
  throw invalidArgument(
    `The run's uid "${uid}" is not allowed.`,
    "Use 1 to 250 letters, digits and _ - . : (a UUID will do).",
  );
}

/** `runs/get`. */
export async function getRun(http: Http, runId: string, call?: CallOptions): Promise<Run> {
  return decodeRun(objectIn(await getApi(http, "runs/get", { run_id: runId }, call), "run"));
}

/** `runs/update`. */
export async function updateRun(
  http: Http,
  runId: string,
  options: UpdateRunOptions,
  call?: CallOptions,
): Promise<void> {
  const { status, name } = options;
  if (status !== undefined && !STATUSES.includes(status)) {
    throw invalidArgument(
      `"${status}" is not a run status; the server would ignore it.`,
      `Use ${STATUSES.join(", ")}.`,
    );
  }
  const endTime = options.endTime ?? (status && FINAL.includes(status) ? http.now() : undefined);
  const body = {
    run_id: runId,
    status,
    run_name: name,
    end_time: endTime === undefined ? undefined : encodeTime("The run's end", endTime),
  };
  await postApi(http, "runs/update", body, call);
}

/** `runs/search`, one page. */
export async function searchRunsPage(
  http: Http,
  options: SearchRunsOptions,
  pageToken: string | undefined,
  call?: CallOptions,
): Promise<Page<Run>> {
  const body = {
    experiment_ids: options.experimentIds,
    filter: options.filter,
    order_by: options.orderBy,
    run_view_type: options.viewType ?? "ACTIVE_ONLY",
    max_results: options.pageSize ?? 1000,
    page_token: pageToken,
  };
  return pageIn(await postApi(http, "runs/search", body, call), "runs", decodeRun);
}

/** `runs/delete`. */
export async function deleteRun(http: Http, runId: string, call?: CallOptions): Promise<void> {
  await postApi(http, "runs/delete", { run_id: runId }, call);
}

/** `runs/restore`. */
export async function restoreRun(http: Http, runId: string, call?: CallOptions): Promise<void> {
  await postApi(http, "runs/restore", { run_id: runId }, call);
}

/** `runs/set-tag`. */
export async function setTag(
  http: Http,
  runId: string,
  key: string,
  value: TextValue,
  call?: CallOptions,
): Promise<void> {
  const [entry] = encodeRunTags({ [key]: value });
  await postApi(http, "runs/set-tag", { run_id: runId, ...entry }, call);
}

/** `runs/delete-tag`; repeating it after a lost answer is no error. */
export async function deleteTag(http: Http, runId: string, key: string, call?: CallOptions): Promise<void> {
  checkKey("tag", key);
  await unlessDoneBefore(postApi(http, "runs/delete-tag", { run_id: runId, key }, call));
}
