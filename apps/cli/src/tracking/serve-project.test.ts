import { existsSync } from "node:fs";
import { join } from "node:path";
import { MlflowClient } from "@isthmus/mlflow-js-client";
import { defaultCacheDir } from "@isthmus/mlflow-js-client/server";
import { describe, expect, it } from "vitest";
import { serveProject } from "./serve-project.js";
import { canServe, INSTALL_MS } from "./testing/real-server.js";
import { experimentName, sampleProject, writeSample } from "./testing/sample-journal.js";
import { runsOf } from "./testing/stored.js";
import { until } from "./testing/until.js";

describe.skipIf(!(await canServe()))("the project's own MLflow server", () => {
  it(
    "shows runs as they are made, once per project, and ends with the signal",
    async () => {
      const { root, journal } = sampleProject();
      const stop = new AbortController();
      const heard = { ready: [] as string[], served: [] as string[], links: [] as string[] };
      const options = {
        kept: root,
        port: undefined,
        env: process.env,
        cacheDir: defaultCacheDir(),
        signal: stop.signal,
        say: () => {},
        installing: () => {},
        onReady: (url: string) => void heard.ready.push(url),
        onServed: (url: string) => void heard.served.push(url),
        onLink: (url: string) => void heard.links.push(url),
      };
      const first = writeSample(root, journal, { experiment: experimentName(), networks: 1 });
      const serving = serveProject(options);
      await until(() => heard.links.length === 1);
      await serveProject(options);
      expect(heard.served).toEqual(heard.ready);
      const second = writeSample(root, journal, { experiment: experimentName(), networks: 1 });
      await until(() => heard.links.length === 2);
      const client = new MlflowClient({ trackingUri: heard.ready[0] as string });
      for (const { experiment } of [first, second]) expect(await runsOf(client, experiment)).toHaveLength(2);
      await client.close();
      stop.abort();
      await serving;
      await expect(fetch(`${heard.ready[0]}/health`)).rejects.toThrow();
      expect(existsSync(join(root, "mlflow", "mlflow.db"))).toBe(true);
      expect(existsSync(join(root, "mlflow", "server.json"))).toBe(false);
    },
    INSTALL_MS,
  );
});
