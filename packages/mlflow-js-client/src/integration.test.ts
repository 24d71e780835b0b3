import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { MlflowClient, MlflowError } from "./index.js";
import { ensureMlflow, findPython, type MlflowServer, sqliteUri, startMlflowServer } from "./server/index.js";
import { artifactsSuite } from "./testing/artifacts-suite.js";
import { experimentsSuite } from "./testing/experiments-suite.js";
import { loggingSuite } from "./testing/logging-suite.js";
import { outageSuite } from "./testing/outage-suite.js";
import { runsSuite } from "./testing/runs-suite.js";
import { serverSuite } from "./testing/server-suite.js";
import { viewsSuite } from "./testing/views-suite.js";

const INSTALL_MS = 600_000;
const python = await findPython().catch((error: unknown) => error as MlflowError);
const skipped = python instanceof MlflowError;
if (skipped && process.env.CI === "true") throw python;
if (skipped)
  console.warn(`The tests against a real MLflow server are skipped: ${python.message} ${python.hint}`);

describe.skipIf(skipped)("against a real MLflow server", () => {
  let folder: string;
  let server: MlflowServer | undefined;
  let client: MlflowClient;

  async function start(port?: number): Promise<MlflowServer> {
    const { command } = await ensureMlflow({ onProgress: (line) => console.log(line) });
    server = await startMlflowServer({
      command,
      backendStoreUri: sqliteUri(join(folder, "mlflow.db")),
      artifactsDestination: join(folder, "artifacts"),
      ...(port === undefined ? {} : { port }),
    });
    return server;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlflow-js-client-"));
    const { url } = await start();
    client = new MlflowClient({ trackingUri: url, backoffFactor: 0.05 });
  }, INSTALL_MS);

  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const get = () => client;
  serverSuite(get);
  experimentsSuite(get);
  runsSuite(get);
  loggingSuite(get);
  artifactsSuite(get);
  viewsSuite(get);
  outageSuite(get, () => server!, start);
});
