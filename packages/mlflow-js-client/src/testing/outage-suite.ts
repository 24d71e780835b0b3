import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { beforeAll, describe, expect, it } from "vitest";
import { type Metric, MlflowClient } from "../index.js";
import type { MlflowServer } from "../server/index.js";
import { type Fate, startFaultyProxy } from "./loopback.js";

const NOW = 1_700_000_000_000;

/** Lost answers, broken connections and a server that dies. */
export function outageSuite(
  client: () => MlflowClient,
  server: () => MlflowServer,
  restart: (port: number) => Promise<MlflowServer>,
): void {
  describe("when things break", () => {
    let experimentId: string;
    beforeAll(async () => {
      experimentId = await client().createExperiment(`outages ${randomUUID()}`);
    });

    /** A client behind a proxy that treats the first requests to `path` as the list says and lets the rest pass. */
    async function behindProxy<T>(
      path: string,
      fates: readonly Fate[],
      work: (client: MlflowClient) => Promise<T>,
    ) {
      let seen = 0;
      const decide = (request: IncomingMessage): Fate =>
        request.url?.includes(path) ? (fates[seen++] ?? "pass") : "pass";
      const proxy = await startFaultyProxy(client().trackingUri, decide);
      const faulty = new MlflowClient({ trackingUri: proxy.url, backoffFactor: 0.01 });
      try {
        return { value: await work(faulty), requests: seen };
      } finally {
        await faulty.close();
        await proxy.close();
      }
    }
    const countRuns = async (uid: string) => {
      const options = { experimentIds: [experimentId], filter: `tags.\`mlflow-js-client.uid\` = '${uid}'` };
      return (await client().searchRunsPage({ ...options, viewType: "ALL" })).items.length;
    };

    it("a run whose creation got lost on the way back is found, not made twice", async () => {
      const uid = randomUUID();
      const { value, requests } = await behindProxy("runs/create", ["cut-after"], (faulty) =>
        faulty.createRun({ experimentId, uid, name: "survivor" }),
      );
      expect(value.name).toBe("survivor");
      expect(requests).toBe(1);
      expect(await countRuns(uid)).toBe(1);
    });

    it("a run whose creation never arrived is made at the next attempt", async () => {
      const uid = randomUUID();
      const fates: Fate[] = ["cut-before", { status: 503 }, { status: 429, retryAfter: "0" }];
      const { requests } = await behindProxy("runs/create", fates, (faulty) =>
        faulty.createRun({ experimentId, uid }),
      );
      expect(requests).toBe(4);
      expect(await countRuns(uid)).toBe(1);
    });

    it("an experiment whose creation got lost on the way back is found", async () => {
      const name = `lost ${randomUUID()}`;
      const { value } = await behindProxy("experiments/create", ["cut-after"], (faulty) =>
        faulty.getOrCreateExperiment(name),
      );
      expect(value.name).toBe(name);
    });

    it("batches and uploads that break are sent again and stored once", async () => {
      const { runId } = await client().createRun({ experimentId });
      const metrics = Array.from({ length: 1500 }, (_, step) => ({
        key: "m",
        value: step,
        timestamp: NOW,
        step,
      }));
      await behindProxy("log-batch", ["cut-after", "cut-before", { status: 502 }], (faulty) =>
        faulty.logBatch(runId, { metrics, params: { p: 1 } }),
      );
      await behindProxy("mlflow-artifacts", ["cut-before", "cut-after"], (faulty) =>
        faulty.uploadArtifact(runId, "x.txt", "hello"),
      );
      expect(await steps(runId)).toEqual(metrics.map(({ step }) => step));
      expect(Buffer.from(await client().downloadArtifact(runId, "x.txt")).toString()).toBe("hello");
    });

    it("a server killed while logging and started again has everything, once", async () => {
      const patient = new MlflowClient({ trackingUri: server().url, maxRetries: 9, backoffFactor: 0.5 });
      const { runId } = await patient.createRun({ experimentId });
      const batches = Array.from({ length: 30 }, (_, b) => Array.from({ length: 50 }, (_, i) => b * 50 + i));
      const port = Number(new URL(server().url).port);
      const { pid } = server();
      let restarted: Promise<MlflowServer> | undefined;
      for (const [index, batch] of batches.entries()) {
        const metrics = batch.map((step) => ({ key: "m", value: step / 7, timestamp: NOW + step, step }));
        const sent = patient.logBatch(runId, { metrics });
        if (index === 10) {
          process.kill(-pid, "SIGKILL");
          restarted = server()
            .stop()
            .then(() => restart(port));
          restarted.catch(() => undefined);
        }
        await sent;
      }
      await restarted;
      expect(await steps(runId)).toEqual(batches.flat());
      await patient.close();
    }, 120_000);

    async function steps(runId: string): Promise<number[]> {
      const found: Metric[] = [];
      for await (const metric of client().metricHistory(runId, "m")) found.push(metric);
      return found.map(({ step }) => step);
    }
  });
}
