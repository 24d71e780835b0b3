import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MlflowError } from "@isthmus/mlflow-js-client";
import {
  ensureMlflow,
  findPython,
  type MlflowServer,
  sqliteUri,
  startMlflowServer,
} from "@isthmus/mlflow-js-client/server";

/** Time in which a server is there, even where it is to be installed first. */
export const INSTALL_MS = 600_000;

/** Whether there is a Python to run a real server with. Without one, says so; where `CI` is true, throws. */
export async function canServe(): Promise<boolean> {
  const python = await findPython().catch((error: unknown) => error as MlflowError);
  if (!(python instanceof MlflowError)) return true;
  if (process.env.CI === "true") throw python;
  console.warn(`The tests against a real MLflow server are skipped: ${python.message} ${python.hint}`);
  return false;
}

/** A real server with a store of its own; the program is shared with the client's own tests. */
export class RealServer {
  readonly #folder = mkdtempSync(join(tmpdir(), "isthmus-mlflow-"));
  #server: MlflowServer | undefined;

  get url(): string {
    if (this.#server === undefined) throw new Error("The server was not started.");
    return this.#server.url;
  }

  async start(port?: number): Promise<void> {
    const { command } = await ensureMlflow({ onProgress: (line) => console.log(line) });
    this.#server = await startMlflowServer({
      command,
      backendStoreUri: sqliteUri(join(this.#folder, "mlflow.db")),
      artifactsDestination: join(this.#folder, "artifacts"),
      ...(port === undefined ? {} : { port }),
    });
  }

  /** Kills the server without a chance to tidy up, and starts it again at the same address. */
  async killAndRestart(): Promise<void> {
    const { pid, url, stop } = this.#server as MlflowServer;
    process.kill(-pid, "SIGKILL");
    await stop();
    await this.start(Number(new URL(url).port));
  }

  /** Ends the server and removes its store. */
  async end(): Promise<void> {
    await this.#server?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
