import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sqliteUri, startMlflowServer } from "./start-server.js";

/** A server in name only, with a child of its own; it writes down how it was started. */
const FAKE_SERVER = `#!${process.execPath}
const { spawn } = require("node:child_process");
const { writeFileSync } = require("node:fs");
const port = process.argv[process.argv.indexOf("--port") + 1];
const child = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"]);
const { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: jobs, MLFLOW_DISABLE_TELEMETRY: quiet } = process.env;
writeFileSync(__filename + ".json", JSON.stringify({ args: process.argv.slice(2), child: child.pid, jobs, quiet }));
console.log("listening");
if (process.env.FAKE_MODE !== "deaf") require("node:http").createServer((_, r) => r.end("OK")).listen(port, "127.0.0.1");
`;

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe.skipIf(process.platform === "win32")("starting a server", () => {
  let folder: string;
  let command: string;
  const stores = { backendStoreUri: "sqlite:////x.db", artifactsDestination: "/artifacts" };
  const program = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), 0o755);
    return join(folder, name);
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlflow-js-client-start-"));
    command = await program("fake.cjs", FAKE_SERVER);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("passes on stores and workers, on loopback, without jobs and usage reports", async () => {
    const lines: string[] = [];
    const server = await startMlflowServer({ command, ...stores, onOutput: (line) => lines.push(line) });
    const started = JSON.parse(await readFile(`${command}.json`, "utf8"));
    const port = new URL(server.url).port;
    expect(started).toMatchObject({ jobs: "false", quiet: "true" });
    expect(started.args.join(" ")).toBe(
      `server --host 127.0.0.1 --port ${port} --workers 1 --backend-store-uri sqlite:////x.db --artifacts-destination /artifacts`,
    );
    expect(lines).toContain("listening");
    await server.stop();
  });

  it("stopping ends the server's children too, and may be repeated", async () => {
    const server = await startMlflowServer({ command, ...stores });
    const { child } = JSON.parse(await readFile(`${command}.json`, "utf8"));
    expect([alive(server.pid), alive(child)]).toEqual([true, true]);
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(alive(server.pid)).toBe(false);
    await expectEnded(child);
  }, 30_000);

  it("that ends at once is an error with its last words", async () => {
    const skinny = await program(
      "skinny",
      "#!/bin/sh\necho \"ModuleNotFoundError: No module named 'flask'\" >&2\nexit 1\n",
    );
    await expect(startMlflowServer({ command: skinny, ...stores })).rejects.toMatchObject({
      code: "SERVER_START_FAILED",
      message: expect.stringContaining("No module named 'flask'"),
      hint: expect.stringContaining("mlflow-skinny"),
    });
    await expect(startMlflowServer({ command: join(folder, "none"), ...stores })).rejects.toMatchObject({
      hint: expect.stringContaining("path of the mlflow program"),
    });
  });

  it("that never answers is ended", async () => {
    const deaf = await program("deaf.cjs", FAKE_SERVER.replace("process.env.FAKE_MODE", '"deaf"'));
    await expect(startMlflowServer({ command: deaf, ...stores, startTimeoutMs: 700 })).rejects.toThrow(
      /within 0.7 s/,
    );
    const { child } = JSON.parse(await readFile(`${deaf}.json`, "utf8"));
    await expectEnded(child);
  }, 30_000);

  it("can be aborted", async () => {
    const deaf = await program("deaf2.cjs", FAKE_SERVER.replace("process.env.FAKE_MODE", '"deaf"'));
    const signal = AbortSignal.timeout(300);
    await expect(startMlflowServer({ command: deaf, ...stores, signal })).rejects.toMatchObject({
      code: "ABORTED",
    });
  }, 30_000);

  it("on a port in use is refused at once", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    await expect(startMlflowServer({ command, ...stores, port })).rejects.toThrow(
      /cannot listen on 127.0.0.1/,
    );
    other.close();
  });
});

/** State letter of a process; one that ended but was not collected by its parent is `Z`. */
async function stateOf(pid: number): Promise<string> {
  try {
    return /\) (\w)/.exec(await readFile(`/proc/${pid}/stat`, "utf8"))?.[1] ?? "gone";
  } catch {
    return alive(pid) ? "alive" : "gone";
  }
}

/** A process that was killed may still be seen at work until the system gets to it. */
const expectEnded = (pid: number) =>
  expect.poll(() => stateOf(pid), { timeout: 10_000 }).toMatch(/^(gone|Z)$/);

describe("the address of an SQLite file", () => {
  it("is absolute", () => {
    expect(sqliteUri("/data/x y.db")).toBe("sqlite:////data/x y.db");
    expect(sqliteUri("x.db")).toBe(`sqlite:///${process.cwd()}/x.db`);
  });
});
