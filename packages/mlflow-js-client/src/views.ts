import { createHash } from "node:crypto";
import { deflateSync, inflateSync } from "node:zlib";
import { invalidArgument } from "./error.js";
import { getExperiment, setExperimentTag } from "./experiments.js";
import type { Http } from "./http.js";
import type { CallOptions } from "./options.js";
import { type SavedView, viewState } from "./view-state.js";

/** How {@link publishView} went; `kept` means that a person has changed the view, which was left alone. */
export type PublishOutcome = "published" | "unchanged" | "kept";

/** An experiment tag. */
export interface ViewTag {
  readonly key: string;
  readonly value: string;
}

/** When a view was made and changed, in milliseconds since 1970. */
export interface ViewTimes {
  readonly createdAt: number;
  readonly updatedAt: number;
}

const VIEW_TAG = "mlflow.sharedViewState.";
const DIGEST_TAG = "mlflow-js-client.viewDigest.";
const PACKED = "deflate;";

/** The experiment tag that holds a saved view. */
export function viewTag(view: SavedView, times: ViewTimes): ViewTag {
  if (!/^[\w-]{1,100}$/.test(view.id)) {
    throw invalidArgument(
      `The view id "${view.id}" is not allowed.`,
      "Use 1 to 100 letters, digits, _ and -.",
    );
  }
  const state = PACKED + deflateSync(JSON.stringify(viewState(view))).toString("base64");
  const { createdAt, updatedAt } = times;
  return {
    key: `${VIEW_TAG}${view.id}`,
    value: JSON.stringify({ name: view.name, createdAt, updatedAt, state }),
  };
}

/**
 * Writes a saved view to an experiment, unless a person has changed it since it was last published from here.
 *
 * Digests of what was published are kept in a second tag. It is written before the view and holds the old digest and
 * the new one, so that being interrupted in between never makes our own view look like someone else's.
 */
export async function publishView(
  http: Http,
  experimentId: string,
  view: SavedView,
  call?: CallOptions,
): Promise<PublishOutcome> {
  const now = http.now();
  const { tags } = await getExperiment(http, experimentId, call);
  const fresh = viewTag(view, { createdAt: now, updatedAt: now });
  const digestKey = `${DIGEST_TAG}${view.id}`;
  const current = tags[fresh.key];
  if (current === undefined) return write(fresh, []);

  if (!(tags[digestKey] ?? "").split(" ").includes(digest(current))) return "kept";
  const stored = parseView(current);
  if (stored && stored.content === parseView(fresh.value)?.content) return "unchanged";
  return write(viewTag(view, { createdAt: stored?.createdAt ?? now, updatedAt: now }), [digest(current)]);

  async function write(tag: ViewTag, earlier: readonly string[]): Promise<PublishOutcome> {
    await setExperimentTag(http, experimentId, digestKey, [digest(tag.value), ...earlier].join(" "), call);
    await setExperimentTag(http, experimentId, tag.key, tag.value, call);
    return "published";
  }
}

function digest(value: string): string {
  return createHash("sha256").update(value).digest("hex");
}

/** Name and state of a view's tag, comparable whatever the packing. */
function parseView(
  value: string,
): { readonly content: string; readonly createdAt: number | undefined } | undefined {
  try {
    const { name, state, createdAt } = JSON.parse(value) as {
      name: string;
      state: string;
      createdAt?: number;
    };
    const packed = state.startsWith(PACKED);
    const text = packed
      ? inflateSync(Buffer.from(state.slice(PACKED.length), "base64")).toString("utf8")
      : state;
    return { content: JSON.stringify([name, text]), createdAt };
  } catch {
    return undefined;
  }
}
