import { MlflowError } from "@isthmus/mlflow-js-client";
import { expect, it } from "vitest";
import { describeFailure, isRefusal } from "./refusal.js";
import { serverKey } from "./server-target.js";

const error = (code: string, status?: number) =>
  new MlflowError("it failed", { code, status, hint: "Mend it." });

it.each([
  error("INVALID_PARAMETER_VALUE", 400),
  error("RESOURCE_DOES_NOT_EXIST", 404),
  error("INVALID_ARGUMENT"),
  error("LOCAL_FILE"),
  error("HTTP_413", 413),
])("$code ($status) is about what was sent", (failure) => expect(isRefusal(failure)).toBe(true));

it.each([
  error("CONNECTION_FAILED"),
  error("TIMEOUT"),
  error("ABORTED"),
  error("INVALID_RESPONSE", 200),
  error("UNAUTHENTICATED", 401),
  error("PERMISSION_DENIED", 403),
  error("HOST_NOT_ALLOWED", 403),
  error("ENDPOINT_NOT_FOUND", 404),
  error("REQUEST_LIMIT_EXCEEDED", 429),
  error("INTERNAL_ERROR", 500),
  error("TEMPORARILY_UNAVAILABLE", 503),
  error("ARTIFACTS_NOT_PROXIED", 503),
  new TypeError("a defect"),
])("$message $code ($status) is about the way there, and what was sent is kept", (failure) =>
  expect(isRefusal(failure)).toBe(false),
);

it("a failure is told with what to do about it", () => {
  expect(describeFailure(error("TIMEOUT"))).toBe("it failed Mend it.");
  expect(describeFailure(new Error("plain"))).toBe("plain");
});

it("servers have file names of their own, whatever their addresses hold", () => {
  const bases = [
    "http://127.0.0.1:5000",
    "http://127.0.0.1:5000/p",
    "https://127.0.0.1:5000",
    "http://[::1]:5000",
  ];
  const keys = bases.map(serverKey);
  expect(new Set(keys).size).toBe(bases.length);
  for (const key of keys) expect(key).toMatch(/^[\w.-]+$/);
});
