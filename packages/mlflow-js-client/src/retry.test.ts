import { describe, expect, it } from "vitest";
import { MlflowError } from "./error.js";
import { parseRetryAfter, retryDelay } from "./retry.js";

const options = { maxRetries: 7, backoffFactor: 2, respectRetryAfter: true, random: () => 0 };
const status = (code: number, name = "INTERNAL_ERROR") => new MlflowError("x", { code: name, status: code });
const lost = (code: string) =>
  new MlflowError("x", { code: "CONNECTION_FAILED", cause: Object.assign(new Error("x"), { code }) });

describe("waiting before a retry", () => {
  it("doubles, from half the factor, up to two minutes", () => {
    const waits = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelay(status(502), attempt, "always", options));
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16000, 32000, 64000]);
    expect(retryDelay(status(502), 15, "always", { ...options, maxRetries: 99 })).toBe(120_000);
  });

  it("takes off a random part of up to half", () => {
    expect(retryDelay(status(502), 1, "always", { ...options, random: () => 0.5 })).toBe(750);
  });

  it("ends after the last retry", () => {
    expect(retryDelay(status(502), 8, "always", options)).toBeUndefined();
  });

  it("is prolonged by Retry-After, within reason, unless that is switched off", () => {
    expect(retryDelay(status(429), 1, "always", options, { retryAfterMs: 9000 })).toBe(9000);
    expect(retryDelay(status(429), 1, "always", options, { retryAfterMs: 10 })).toBe(1000);
    expect(retryDelay(status(429), 1, "always", options, { retryAfterMs: 1e9 })).toBe(300_000);
    expect(
      retryDelay(status(429), 1, "always", { ...options, respectRetryAfter: false }, { retryAfterMs: 9000 }),
    ).toBe(1000);
  });
});

describe("what is retried", () => {
  const retried = (error: MlflowError, policy: "always" | "unsent" | "never" = "always", times500 = 1) =>
    retryDelay(error, 5, policy, options, { times500 }) !== undefined;

  it.each([408, 429, 500, 502, 503, 504, 520])("status %d is", (code) =>
    expect(retried(status(code))).toBe(true),
  );
  it.each([400, 401, 403, 404, 409, 501, 505])("status %d is not", (code) =>
    expect(retried(status(code))).toBe(false),
  );

  it("500 gets two retries, and none when the server names a reason", () => {
    expect([1, 2, 3].map((times) => retried(status(500), "always", times))).toEqual([true, true, false]);
    expect(retried(status(500, "INVALID_STATE"))).toBe(false);
  });

  it("what must not happen twice is repeated only when the server surely did nothing", () => {
    expect([408, 429, 503].map((code) => retried(status(code), "unsent"))).toEqual([true, true, true]);
    expect([500, 502, 504].map((code) => retried(status(code), "unsent"))).toEqual([false, false, false]);
    expect(retried(lost("ECONNREFUSED"), "unsent")).toBe(true);
    expect(retried(lost("UND_ERR_SOCKET"), "unsent")).toBe(false);
    expect(retried(lost("UND_ERR_SOCKET"), "always")).toBe(true);
    expect(retried(lost("ECONNREFUSED"), "never")).toBe(false);
  });

  it("bad certificates and unknown hosts are not", () => {
    for (const code of [
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "CERT_HAS_EXPIRED",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "ENOTFOUND",
    ]) {
      expect(retried(lost(code))).toBe(false);
    }
  });
});

describe("Retry-After", () => {
  it("is read as seconds or as a date", () => {
    const now = Date.UTC(2024, 0, 1, 12, 0, 0);
    expect(parseRetryAfter("3", now)).toBe(3000);
    expect(parseRetryAfter("Mon, 01 Jan 2024 12:00:07 GMT", now)).toBe(7000);
    expect(parseRetryAfter("Mon, 01 Jan 2024 11:00:00 GMT", now)).toBe(0);
    expect(parseRetryAfter("soon", now)).toBeUndefined();
    expect(parseRetryAfter(undefined, now)).toBeUndefined();
  });
});
