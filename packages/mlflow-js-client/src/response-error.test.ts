import { describe, expect, it } from "vitest";
import { errorFromResponse } from "./response-error.js";

const from = (status: number, text: string) =>
  errorFromResponse({
    status,
    text,
    method: "POST",
    url: "http://mlflow:5000/api/2.0/mlflow/runs/create",
    attempts: 2,
  });

describe("answers that are errors", () => {
  it("MLflow's own keep their code and message", () => {
    const error = from(404, '{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"No run\\nsecond line"}');
    expect(error).toMatchObject({
      code: "RESOURCE_DOES_NOT_EXIST",
      status: 404,
      method: "POST",
      attempts: 2,
    });
    expect(error.message).toBe("No run\nsecond line");
  });

  it("of a message with SQL only the first line is kept", () => {
    const message =
      "(sqlite3.IntegrityError) UNIQUE constraint failed\n[SQL: INSERT INTO experiments]\n[parameters: (1)]";
    expect(from(400, JSON.stringify({ error_code: "BAD_REQUEST", message })).message).toBe(
      "(sqlite3.IntegrityError) UNIQUE constraint failed",
    );
  });

  it("a refused host is explained", () => {
    const error = from(403, "Invalid Host header - possible DNS rebinding attack detected");
    expect(error.code).toBe("HOST_NOT_ALLOWED");
    expect(error.message).toContain("mlflow:5000");
    expect(error.hint).toContain("--allowed-hosts");
  });

  it("a refused origin is explained", () => {
    const error = from(403, "Cross-origin request blocked");
    expect(error.code).toBe("CROSS_ORIGIN_BLOCKED");
    expect(error.hint).toContain("--cors-allowed-origins");
  });

  it.each([
    [401, "UNAUTHENTICATED", "MLFLOW_TRACKING_USERNAME"],
    [403, "PERMISSION_DENIED", "permission"],
    [404, "ENDPOINT_NOT_FOUND", "tracking URI"],
  ])("plain text with status %d gets a code and a hint", (status, code, hint) => {
    const error = from(status, "nope");
    expect(error.code).toBe(code);
    expect(error.hint).toContain(hint);
  });

  it("web pages are reduced to their text, and unknown statuses keep their number", () => {
    const error = from(418, "<html><style>p{}</style><h1>I am</h1><p>a teapot</p></html>");
    expect(error.code).toBe("HTTP_418");
    expect(error.message).toContain("418: I am a teapot");
  });
});
