import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MlflowClient } from "./client.js";
import type { TlsOptions } from "./options.js";

const folder = mkdtempSync(join(tmpdir(), "mlflow-js-client-tls-"));
afterAll(() => rmSync(folder, { recursive: true }));
const made = makeCertificate();

/** A certificate for 127.0.0.1 that vouches for itself; `false` where there is no openssl program. */
function makeCertificate(): boolean {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const request =
    "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=loopback -addext subjectAltName=IP:127.0.0.1";
  try {
    execFileSync("openssl", [...request.split(" "), "-keyout", key, "-out", cert], { stdio: "ignore" });
    writeFileSync(join(folder, "both.pem"), readFileSync(cert, "utf8") + readFileSync(key, "utf8"));
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!made)("an encrypted connection", () => {
  let server: Server;
  let trackingUri: string;
  beforeAll(async () => {
    const pem = readFileSync(join(folder, "both.pem"));
    server = createServer(
      { key: pem, cert: pem, ca: pem, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const store_type = (request.socket as TLSSocket).authorized ? "known" : "unknown";
        response.end(JSON.stringify({ store_type }));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    trackingUri = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const ask = async (tls: TlsOptions) =>
    (await new MlflowClient({ trackingUri, tls }).serverInfo())?.storeType;

  it("to a server that nobody vouches for is refused at once, with a hint", async () => {
    await expect(ask({})).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
      attempts: 1,
      hint: expect.stringContaining("MLFLOW_TRACKING_SERVER_CERT_PATH"),
    });
  });

  it("trusts the given authority, or anyone if told so", async () => {
    expect(await ask({ serverCertPath: join(folder, "cert.pem") })).toBe("unknown");
    expect(await ask({ insecure: true })).toBe("unknown");
  });

  it("shows the client's certificate", async () => {
    const clientCertPath = join(folder, "both.pem");
    expect(await ask({ serverCertPath: join(folder, "cert.pem"), clientCertPath })).toBe("known");
  });
});
