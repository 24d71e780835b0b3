import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MlflowClient } from "./client.js";
import { optionsFromEnv } from "./env.js";

const MLFLOW_TRACKING_URI = "http://tracker/p";
let home: string;
let empty: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "mlflow-js-client-"));
  empty = join(home, "nobody");
  await mkdir(join(home, ".mlflow"));
  await writeFile(
    join(home, ".mlflow", "credentials"),
    "[other]\nmlflow_tracking_username = wrong\n\n[mlflow]\n# a comment\nmlflow_tracking_username = ada\nMLFLOW_TRACKING_PASSWORD: s=e cret \n",
  );
});
afterAll(() => rm(home, { recursive: true }));

describe("options from the environment", () => {
  it("numbers and switches are read", () => {
    const env = {
      MLFLOW_TRACKING_URI,
      MLFLOW_HTTP_REQUEST_TIMEOUT: "10",
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: "3",
      MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: "0.5",
      MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER: "false",
      MLFLOW_TRACKING_INSECURE_TLS: "1",
      MLFLOW_TRACKING_CLIENT_CERT_PATH: "/c.pem",
      MLFLOW_EXPERIMENT_NAME: "mnist",
      MLFLOW_EXPERIMENT_ID: "7",
    };
    expect(optionsFromEnv(env, empty)).toEqual({
      trackingUri: MLFLOW_TRACKING_URI,
      auth: undefined,
      tls: { insecure: true, clientCertPath: "/c.pem" },
      timeoutMs: 10_000,
      maxRetries: 3,
      backoffFactor: 0.5,
      respectRetryAfter: false,
      experimentName: "mnist",
      experimentId: "7",
    });
  });

  it("a name and password win over a token, and variables over the credentials file", () => {
    const auth = (env: Record<string, string>, folder: string) =>
      optionsFromEnv({ MLFLOW_TRACKING_URI, ...env }, folder).auth;
    const variables = { MLFLOW_TRACKING_USERNAME: "bob", MLFLOW_TRACKING_PASSWORD: "pw" };
    expect(auth({ ...variables, MLFLOW_TRACKING_TOKEN: "t" }, home)).toEqual({
      username: "bob",
      password: "pw",
    });
    expect(auth({ MLFLOW_TRACKING_TOKEN: "t" }, empty)).toEqual({ token: "t" });
    expect(auth({}, home)).toEqual({ username: "ada", password: "s=e cret" });
    expect(auth({}, empty)).toBeUndefined();
  });

  it("what makes no sense is named", () => {
    expect(() => optionsFromEnv({}, empty)).toThrow("MLFLOW_TRACKING_URI is not set");
    expect(() => optionsFromEnv({ MLFLOW_TRACKING_URI, MLFLOW_HTTP_REQUEST_TIMEOUT: "long" }, empty)).toThrow(
      'MLFLOW_HTTP_REQUEST_TIMEOUT is "long"',
    );
    expect(() =>
      optionsFromEnv({ MLFLOW_TRACKING_URI, MLFLOW_TRACKING_INSECURE_TLS: "maybe" }, empty),
    ).toThrow("maybe");
  });
});

describe("a tracking URI", () => {
  it("keeps its path and loses its trailing slash and credentials", () => {
    const client = new MlflowClient({ trackingUri: "https://ada:secret@host:8443/team/mlflow/" });
    expect(client.trackingUri).toBe("https://host:8443/team/mlflow");
    expect(client.runUrl("1", "abc")).toBe(
      "https://host:8443/team/mlflow/#/experiments/1/runs/abc?workflowType=machine_learning",
    );
  });

  it.each(["sqlite:///x.db", "./mlruns", "file:///tmp/mlruns", "databricks://profile"])(
    "%s is refused",
    (trackingUri) => {
      expect(() => new MlflowClient({ trackingUri })).toThrow(/tracking server only|not an address/);
    },
  );

  it("certificate options that exclude each other, or files that are not there, are refused", () => {
    const trackingUri = "https://host";
    expect(() => new MlflowClient({ trackingUri, tls: { insecure: true, serverCertPath: "x" } })).toThrow(
      /only one|Both/,
    );
    expect(() => new MlflowClient({ trackingUri, tls: { serverCertPath: "/no/such.pem" } })).toThrow(
      "/no/such.pem",
    );
  });
});
