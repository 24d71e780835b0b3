import { hasCode, MlflowError } from "./error.js";
import type { Http } from "./http.js";
import type { CallOptions } from "./options.js";
import type { ServerInfo } from "./types.js";

/** `GET /health`, once. */
export async function health(http: Http, call: CallOptions = {}): Promise<boolean> {
  try {
    return await http.call(
      { method: "GET", path: "health" },
      async ({ body }) => (await body.text()).trim() === "OK",
      {
        ...call,
        retry: "never",
      },
    );
  } catch (error) {
    if (error instanceof MlflowError && error.code !== "ABORTED") return false;
    throw error;
  }
}

/** `GET /version`. */
export async function version(http: Http, call: CallOptions = {}): Promise<string> {
  return http.call(
    { method: "GET", path: "version" },
    async ({ body, statusCode }) => {
      const text = (await body.text()).trim();
      if (/^\d+\.\d+\S*$/.test(text)) return text;
      throw new MlflowError(`${http.base}/version was not answered with a version number.`, {
        code: "INVALID_RESPONSE",
        status: statusCode,
        hint: "Check the tracking URI, its path included, and that an MLflow server answers there.",
      });
    },
    call,
  );
}

/** `GET api/3.0/mlflow/server-info`; servers before 3.x do not know it. */
export async function serverInfo(http: Http, call: CallOptions = {}): Promise<ServerInfo | undefined> {
  try {
    const raw = await http.json({ method: "GET", path: "api/3.0/mlflow/server-info" }, call);
    const flag = (name: string) => (typeof raw[name] === "boolean" ? raw[name] : undefined);
    return {
      storeType: typeof raw.store_type === "string" ? raw.store_type : undefined,
      workspacesEnabled: flag("workspaces_enabled"),
      multipartUploadsEnabled: flag("multipart_uploads_enabled"),
      raw,
    };
  } catch (error) {
    if (hasCode(error, "ENDPOINT_NOT_FOUND")) return undefined;
    throw error;
  }
}
