import { MlflowError } from "./error.js";

/** An answer that is not a success. */
export interface FailedResponse {
  readonly status: number;
  /** Body as text. */
  readonly text: string;
  readonly method: string;
  readonly url: string;
  readonly attempts: number;
}

/** Turns an answer into an error: JSON from MLflow's API, or the plain text and HTML of everything around it. */
export function errorFromResponse(response: FailedResponse): MlflowError {
  const { code, message, hint } = explain(response);
  const { status, method, url, attempts } = response;
  return new MlflowError(message, { code, status, method, url, hint, attempts });
}

interface Explanation {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

function explain({ status, text, method, url }: FailedResponse): Explanation {
  const json = parse(text);
  if (typeof json?.error_code === "string") {
    const code = json.error_code;
    return { code, message: withoutSql(String(json.message ?? code)), hint: HINTS_BY_CODE[code] };
  }
  const detail = typeof json?.detail === "string" ? json.detail : plain(text);
  if (/invalid host header/i.test(text)) {
    return {
      code: "HOST_NOT_ALLOWED",
      message: `The MLflow server refuses to be called by the name ${new URL(url).host}.`,
      hint: "Start it with --allowed-hosts naming this host (or MLFLOW_SERVER_ALLOWED_HOSTS), or use its IP address.",
    };
  }
  if (/cross-origin request blocked/i.test(text)) {
    return {
      code: "CROSS_ORIGIN_BLOCKED",
      message: "The MLflow server refuses requests from this web page's origin.",
      hint: "Start it with --cors-allowed-origins naming the origin (or MLFLOW_SERVER_CORS_ALLOWED_ORIGINS).",
    };
  }
  if (/serve-artifacts/.test(text)) {
    return {
      code: "ARTIFACTS_NOT_PROXIED",
      message: "The MLflow server was started without artifact storage (--no-serve-artifacts).",
      hint: "Restart it with --serve-artifacts, which is its default.",
    };
  }
  return {
    code: CODES_BY_STATUS[status] ?? `HTTP_${status}`,
    message: `${method} ${url} was answered with ${status}${detail ? `: ${detail}` : ""}`,
    hint: HINTS_BY_STATUS[status],
  };
}

const CODES_BY_STATUS: Readonly<Record<number, string>> = {
  400: "BAD_REQUEST",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "ENDPOINT_NOT_FOUND",
  429: "REQUEST_LIMIT_EXCEEDED",
  500: "INTERNAL_ERROR",
  503: "TEMPORARILY_UNAVAILABLE",
};

const REDIRECTED =
  "The server redirects to another address (https instead of http?); give that as the tracking URI.";

const HINTS_BY_STATUS: Readonly<Record<number, string>> = {
  301: REDIRECTED,
  302: REDIRECTED,
  307: REDIRECTED,
  308: REDIRECTED,
  401: "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, or check them.",
  403: "Ask the server's administrator for permission.",
  404: "Check the tracking URI, its path included, and that an MLflow server answers there.",
  405: "Check the tracking URI, its path included, and that an MLflow server answers there.",
};

const HINTS_BY_CODE: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: HINTS_BY_STATUS[401]!,
  PERMISSION_DENIED: HINTS_BY_STATUS[403]!,
};

/** Messages about database errors carry the whole statement; their first line says what is wrong. */
function withoutSql(message: string): string {
  return /\[SQL|sqlalchemy|sqlite3\.|psycopg|pymysql/i.test(message) ? message.split(/\r?\n/)[0]! : message;
}

function plain(text: string): string {
  const withoutTags = text.replace(/<(style|script)[\s\S]*?<\/\1>/gi, " ").replace(/<[^>]*>/g, " ");
  return withoutTags.replace(/\s+/g, " ").trim().slice(0, 200);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
