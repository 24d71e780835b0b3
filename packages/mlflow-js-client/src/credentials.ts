import { readFileSync } from "node:fs";
import { invalidConfiguration, type MlflowAuth, type TlsOptions } from "./options.js";

/** The `Authorization` header. */
export function authorization(auth: MlflowAuth | undefined): string | undefined {
  if (!auth) return undefined;
  if ("token" in auth) return `Bearer ${auth.token}`;
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`, "utf8").toString("base64")}`;
}

/** What a TLS connection needs to know. */
export function connectOptions({
  insecure,
  serverCertPath,
  clientCertPath,
}: TlsOptions): Record<string, unknown> {
  if (insecure && serverCertPath) {
    throw invalidConfiguration(
      "Both a server certificate and insecure TLS are set.",
      "Set only one of MLFLOW_TRACKING_SERVER_CERT_PATH and MLFLOW_TRACKING_INSECURE_TLS.",
    );
  }
  const clientCert = clientCertPath ? readPem(clientCertPath) : undefined;
  return {
    ...(insecure ? { rejectUnauthorized: false } : {}),
    ...(serverCertPath ? { ca: readPem(serverCertPath) } : {}),
    ...(clientCert ? { cert: clientCert, key: clientCert } : {}),
  };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw invalidConfiguration(
      `The certificate file ${path} cannot be read.`,
      "Check its path and permissions.",
      cause,
    );
  }
}
