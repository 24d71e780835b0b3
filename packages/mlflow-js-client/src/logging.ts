import { getApi, postApi } from "./api.js";
import { splitBatch } from "./batch.js";
import { decodeMetric, pageIn } from "./decode.js";
import {
  encodeMetric,
  encodeParams,
  encodeRunTags,
  type MetricPoint,
  type TextValue,
  type TextValues,
} from "./encode.js";
import { MlflowError } from "./error.js";
import type { Http } from "./http.js";
import { checkKey } from "./keys.js";
import type { CallOptions } from "./options.js";
import type { Page } from "./paging.js";
import type { Metric } from "./types.js";

/** Things to log to a run, any number of them. */
export interface LogBatch {
  readonly metrics?: readonly MetricPoint[] | undefined;
  /** Written once: a different value later is refused. */
  readonly params?: TextValues | undefined;
  readonly tags?: TextValues | undefined;
}

/** Where and when a single metric value was measured. */
export interface LogMetricOptions extends CallOptions {
  /** An integer; default 0. */
  readonly step?: number;
  /** Milliseconds since 1970; default now. */
  readonly timestamp?: number | Date;
}

/** `runs/log-batch`, in as many calls as the server's limits ask for. Everything is checked before the first is sent. */
export async function logBatch(
  http: Http,
  runId: string,
  batch: LogBatch,
  call?: CallOptions,
): Promise<void> {
  const now = http.now();
  const parts = splitBatch({
    metrics: (batch.metrics ?? []).map((metric) => encodeMetric(metric, now)),
    params: encodeParams(batch.params ?? {}),
    tags: encodeRunTags(batch.tags ?? {}),
  });
  for (const [index, part] of parts.entries()) {
    try {
      await postApi(http, "runs/log-batch", { run_id: runId, ...part }, call);
    } catch (error) {
      throw index === 0 ? error : partlyStored(error, index, parts.length);
    }
  }
}

function partlyStored(error: unknown, stored: number, total: number): unknown {
  if (!(error instanceof MlflowError)) return error;
  const { code, status, method, url, attempts } = error;
  const hint = `${stored} of ${total} parts of this batch are stored already; sending all of it again does no harm.`;
  return new MlflowError(error.message, { code, status, method, url, attempts, cause: error, hint });
}

/** `runs/log-metric`. */
export async function logMetric(
  http: Http,
  runId: string,
  key: string,
  value: number,
  { step, timestamp, signal }: LogMetricOptions,
): Promise<void> {
  const metric = encodeMetric({ key, value, step, timestamp }, http.now());
  await postApi(http, "runs/log-metric", { run_id: runId, ...metric }, { signal });
}

/** `runs/log-parameter`. */
export async function logParam(
  http: Http,
  runId: string,
  key: string,
  value: TextValue,
  call?: CallOptions,
): Promise<void> {
  const [entry] = encodeParams({ [key]: value });
  await postApi(http, "runs/log-parameter", { run_id: runId, ...entry }, call);
}

/** `metrics/get-history`, one page. */
export async function metricHistoryPage(
  http: Http,
  runId: string,
  key: string,
  options: { readonly pageSize?: number },
  pageToken: string | undefined,
  call?: CallOptions,
): Promise<Page<Metric>> {
  checkKey("metric", key);
  const query = {
    run_id: runId,
    metric_key: key,
    max_results: options.pageSize ?? 10_000,
    page_token: pageToken,
  };
  return pageIn(await getApi(http, "metrics/get-history", query, call), "metrics", decodeMetric);
}
