import type { IncomingMessage, RequestListener } from "node:http";
import { createRequire } from "node:module";
import { afterEach, describe, expect, it } from "vitest";
import { MlflowClient } from "./client.js";
import type { MlflowClientOptions } from "./options.js";
import { bodyOf, type Loopback, startLoopback } from "./testing/loopback.js";

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
const open: Loopback[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function clientOf(handler: RequestListener, options: Partial<MlflowClientOptions> = {}) {
  const server = await startLoopback(handler);
  open.push(server);
  return new MlflowClient({ trackingUri: server.url, backoffFactor: 0.001, ...options });
}

/** Answers the first requests with these statuses and the rest with an experiment. */
function after(statuses: readonly number[], seen: IncomingMessage[] = []): RequestListener {
  return (request, response) => {
    seen.push(request);
    response.statusCode = statuses[seen.length - 1] ?? 200;
    response.end(response.statusCode === 200 ? '{"experiment":{"experiment_id":"1"}}' : "no");
  };
}

describe("requests", () => {
  it("carry the client's name and the path of the tracking URI", async () => {
    const seen: IncomingMessage[] = [];
    const server = await startLoopback(after([], seen));
    open.push(server);
    await new MlflowClient({ trackingUri: `${server.url}/team/` }).getExperiment("1");
    expect(seen[0]?.url).toBe("/team/api/2.0/mlflow/experiments/get?experiment_id=1");
    expect(seen[0]?.headers["user-agent"]).toBe(`mlflow-js-client/${version}`);
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  it.each([
    [
      { auth: { username: "ada", password: "pä:ss" } },
      `Basic ${Buffer.from("ada:pä:ss").toString("base64")}`,
    ],
    [{ auth: { token: "abc" } }, "Bearer abc"],
  ])("carry credentials (%j)", async (options, header) => {
    const seen: IncomingMessage[] = [];
    await (await clientOf(after([], seen), options)).getExperiment("1");
    expect(seen[0]?.headers.authorization).toBe(header);
  });

  it("carry a name and password from the tracking URI, which errors do not show", async () => {
    const seen: IncomingMessage[] = [];
    const server = await startLoopback(after([403], seen));
    open.push(server);
    const trackingUri = server.url.replace("//", "//ada:s%40crt@");
    const error = await new MlflowClient({ trackingUri })
      .getExperiment("1")
      .catch((reason: unknown) => reason);
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from("ada:s@crt").toString("base64")}`);
    expect(JSON.stringify([error, String(error)])).not.toMatch(/crt/);
  });

  it("are JSON with its content type", async () => {
    let got: unknown;
    const client = await clientOf(async (request, response) => {
      got = [request.headers["content-type"], JSON.parse(await bodyOf(request))];
      response.end("{}");
    });
    await client.logMetric("r", "loss", Number.NaN, { step: 3, timestamp: 7.9 });
    expect(got).toEqual([
      "application/json",
      { run_id: "r", key: "loss", value: "NaN", step: 3, timestamp: 7 },
    ]);
  });
});

describe("retries", () => {
  it("go on until the server is well again", async () => {
    const seen: IncomingMessage[] = [];
    const client = await clientOf(after([503, 429, 502, 500], seen));
    expect((await client.getExperiment("1")).experimentId).toBe("1");
    expect(seen).toHaveLength(5);
  });

  it("end, and the error says how often it was tried", async () => {
    const seen: IncomingMessage[] = [];
    const client = await clientOf(after([503, 503, 503, 503], seen), { maxRetries: 2 });
    await expect(client.getExperiment("1")).rejects.toMatchObject({ status: 503, attempts: 3 });
    expect(seen).toHaveLength(3);
  });

  it("wait as Retry-After says, and can be aborted meanwhile", async () => {
    const controller = new AbortController();
    let requests = 0;
    const client = await clientOf((_, response) => {
      requests++;
      response.writeHead(429, { "retry-after": "60" }).end();
      setTimeout(() => controller.abort(new Error("enough")), 30);
    });
    const call = client.getExperiment("1", { signal: controller.signal });
    await expect(call).rejects.toMatchObject({ code: "ABORTED", cause: { message: "enough" } });
    expect(requests).toBe(1);
  });

  it("do not create a run twice: without a uid a lost answer is an error", async () => {
    let requests = 0;
    const client = await clientOf((request) => {
      requests++;
      request.socket.destroy();
    });
    await expect(client.createRun({ experimentId: "1" })).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
    });
    expect(requests).toBe(1);
  });

  it("take a missing tag as deleted only when an earlier attempt may have done it", async () => {
    let requests = 0;
    const client = await clientOf((request, response) => {
      if (++requests === 1) return void request.socket.destroy();
      response.writeHead(404).end('{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"no tag"}');
    });
    await client.deleteTag("r", "t");
    await expect(client.deleteTag("r", "t")).rejects.toMatchObject({ code: "RESOURCE_DOES_NOT_EXIST" });
  });
});

describe("failures", () => {
  it("silence ends after the timeout", async () => {
    const client = await clientOf(() => undefined, { timeoutMs: 50, maxRetries: 0 });
    await expect(client.getExperiment("1")).rejects.toMatchObject({ code: "TIMEOUT", attempts: 1 });
  });

  it("a server that is not there is named", async () => {
    const server = await startLoopback(() => undefined);
    await server.close();
    const client = new MlflowClient({ trackingUri: server.url, maxRetries: 1, backoffFactor: 0.001 });
    const error = await client.version().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "CONNECTION_FAILED",
      attempts: 2,
      hint: expect.stringContaining("tracking URI"),
    });
    expect(await client.health()).toBe(false);
  });

  it("an answer that is not MLflow's is recognized", async () => {
    const client = await clientOf((_, response) => void response.end("<html>Welcome</html>"));
    await expect(client.getExperiment("1")).rejects.toMatchObject({ code: "INVALID_RESPONSE" });
    await expect(client.version()).rejects.toMatchObject({ code: "INVALID_RESPONSE" });
    expect(await client.health()).toBe(false);
  });

  it("a call with an aborted signal sends nothing", async () => {
    const seen: IncomingMessage[] = [];
    const client = await clientOf(after([], seen));
    await expect(client.getExperiment("1", { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect(seen).toHaveLength(0);
  });

  it("a server that does not know server-info says nothing about itself", async () => {
    expect(await (await clientOf(after([404]))).serverInfo()).toBeUndefined();
  });
});
