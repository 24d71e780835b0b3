import type { Http, Json } from "./http.js";
import type { CallOptions } from "./options.js";

/** Calls `GET <base>/api/2.0/mlflow/<path>`. */
export function getApi(
  http: Http,
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
  call: CallOptions = {},
): Promise<Json> {
  return http.json({ method: "GET", path: `api/2.0/mlflow/${path}`, query }, call);
}

/** Calls `POST <base>/api/2.0/mlflow/<path>`; for calls that do no harm when repeated. */
export function postApi(http: Http, path: string, json: Json, call: CallOptions = {}): Promise<Json> {
  return http.json({ method: "POST", path: `api/2.0/mlflow/${path}`, json }, call);
}
