import { invalidArgument } from "./error.js";
import { checkKey, checkLength } from "./keys.js";

/** One measured value. */
export interface MetricPoint {
  /** Name such as `train/loss`. */
  readonly key: string;
  /** Any number, NaN and the infinities included (the server stores the latter as ±1.797e308). */
  readonly value: number;
  /** Position in the series, an integer; default 0. */
  readonly step?: number | undefined;
  /** When it was measured, in milliseconds since 1970; fractions are cut off; default now. */
  readonly timestamp?: number | Date | undefined;
}

/** What a parameter or tag may be; stored as text. */
export type TextValue = string | number | boolean | bigint | null;

/** Parameters or tags by key. */
export type TextValues = Readonly<Record<string, TextValue>>;

/** A metric as the server takes it. */
export interface WireMetric {
  readonly key: string;
  readonly value: number | string;
  readonly timestamp: number;
  readonly step: number;
}

/** A parameter or tag as the server takes it. */
export interface WireEntry {
  readonly key: string;
  readonly value: string;
}

/** Longest values, in characters; the server cuts longer parameters and run tags silently. */
export const MAX_PARAM_LENGTH = 6000;
export const MAX_RUN_TAG_LENGTH = 8000;
export const MAX_EXPERIMENT_TAG_LENGTH = 20000;

/**
 * Makes a metric safe to send. The server answers 200 to wrong types and then drops the field and everything behind
 * it, so nothing but integers, finite numbers and the three words for the rest may leave this function.
 *
 * @param now time for points that have none.
 */
export function encodeMetric(metric: MetricPoint, now: number): WireMetric {
  const { key, value, step = 0, timestamp = now } = metric;
  checkKey("metric", key);
  if (typeof value !== "number") {
    throw invalidArgument(`The metric "${key}" has the value ${describe(value)}; a number is needed.`);
  }
  if (!Number.isSafeInteger(step)) {
    throw invalidArgument(`The metric "${key}" has the step ${describe(step)}; an integer is needed.`);
  }
  return {
    key,
    value: Number.isFinite(value) ? value : String(value),
    timestamp: encodeTime(`The metric "${key}"`, timestamp),
    step,
  };
}

/** Milliseconds since 1970 as an integer. */
export function encodeTime(what: string, time: number | Date): number {
  const value = Math.trunc(time instanceof Date ? time.getTime() : time);
  if (typeof time === "string" || !Number.isSafeInteger(value) || value < 0) {
    throw invalidArgument(`${what} has the time ${describe(time)}; milliseconds since 1970 are needed.`);
  }
  return value;
}

/** Parameters as the server takes them. */
export function encodeParams(params: TextValues): WireEntry[] {
  return encodeEntries("parameter", params, MAX_PARAM_LENGTH);
}

/** Tags of runs as the server takes them. */
export function encodeRunTags(tags: TextValues): WireEntry[] {
  return encodeEntries("tag", tags, MAX_RUN_TAG_LENGTH);
}

/** Tags of experiments as the server takes them. */
export function encodeExperimentTags(tags: TextValues): WireEntry[] {
  return encodeEntries("tag", tags, MAX_EXPERIMENT_TAG_LENGTH);
}

function encodeEntries(kind: "parameter" | "tag", values: TextValues, limit: number): WireEntry[] {
  return Object.entries(values).map(([key, value]) => {
    checkKey(kind, key);
    const text = encodeText(`The ${kind} "${key}"`, value);
    checkLength(`The ${kind} "${key}"`, text, limit);
    return { key, value: text };
  });
}

function encodeText(what: string, value: TextValue): string {
  if (value === null || ["string", "number", "boolean", "bigint"].includes(typeof value))
    return String(value);
  throw invalidArgument(
    `${what} has the value ${describe(value)}; a string, number, boolean or null is needed.`,
    "Use JSON.stringify for lists and objects.",
  );
}

function describe(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value)
    : typeof value === "object" && value
      ? "an object"
      : String(value);
}
