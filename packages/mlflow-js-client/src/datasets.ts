import { postApi } from "./api.js";
import { encodeRunTags, type TextValues } from "./encode.js";
import { invalidArgument } from "./error.js";
import type { Http } from "./http.js";
import { checkLength } from "./keys.js";
import type { CallOptions } from "./options.js";

/** A JSON value that is stored as text; text is taken to be JSON already. */
export type JsonText = string | Readonly<Record<string, unknown>> | readonly unknown[];

/** A data set that a run uses. */
export interface DatasetInput {
  /** At most 500 characters. */
  readonly name: string;
  /** Fingerprint of the content, at most 36 characters; name and digest identify a data set. */
  readonly digest: string;
  /** For example `local`, `http`, `hugging_face`, `code`. */
  readonly sourceType: string;
  /** Where it comes from, for example `{ uri: "data/x.csv" }`. */
  readonly source: JsonText;
  /** Columns, for example `{ mlflow_colspec: [{ name: "x", type: "double", required: true }] }`. */
  readonly schema?: JsonText | undefined;
  /** Size, for example `{ num_rows: 60000, num_elements: 60000 }`. */
  readonly profile?: JsonText | undefined;
  /** What for: `training`, `validation`, `test`, … */
  readonly context?: string | undefined;
  /** More tags of this use. */
  readonly tags?: TextValues | undefined;
}

const LIMITS = { name: 500, digest: 36, source: 65_535, schema: 1_048_575, profile: 16_777_215 } as const;
const MAX_INPUT_TAG_LENGTH = 500;

/** `runs/log-inputs`. */
export async function logInputs(
  http: Http,
  runId: string,
  datasets: readonly DatasetInput[],
  call?: CallOptions,
): Promise<void> {
  await postApi(http, "runs/log-inputs", { run_id: runId, datasets: datasets.map(encodeDataset) }, call);
}

/** A data set as the server takes it. */
export function encodeDataset(input: DatasetInput) {
  const dataset = {
    name: requiredText(input, "name"),
    digest: requiredText(input, "digest"),
    source_type: requiredText(input, "sourceType"),
    source: toText(input.source),
    schema: toText(input.schema),
    profile: toText(input.profile),
  };
  for (const [field, limit] of Object.entries(LIMITS)) {
    checkLength(`The data set's ${field}`, dataset[field as keyof typeof LIMITS] ?? "", limit);
  }
  const context: TextValues = input.context === undefined ? {} : { "mlflow.data.context": input.context };
  const tags = encodeRunTags({ ...input.tags, ...context });
  for (const tag of tags) checkLength(`The data set's tag "${tag.key}"`, tag.value, MAX_INPUT_TAG_LENGTH);
  return { tags, dataset };
}

function requiredText(input: DatasetInput, field: "name" | "digest" | "sourceType"): string {
  const value = input[field];
  if (typeof value === "string" && value !== "") return value;
  throw invalidArgument(`A data set needs a ${field}, as text that is not empty.`);
}

function toText(value: JsonText | undefined): string | undefined {
  return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
}
