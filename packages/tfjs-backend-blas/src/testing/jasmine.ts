import Module from "node:module";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

type Done = (() => void) & { fail: (reason?: unknown) => void };

/** A test case that says when it is done, as a promise. */
const withDone = (body: (done: Done) => void) => () =>
  new Promise<void>((resolve, reject) => {
    body(
      Object.assign(resolve as () => void, { fail: (reason?: unknown) => reject(new Error(String(reason))) }),
    );
  });

/**
 * What test cases written for jasmine expect to find, made of vitest: the functions that are called the same, the
 * matchers that only jasmine has, and an empty module for who asks for jasmine itself.
 */
export function pretendJasmine(): void {
  expect.extend({
    nothing: () => ({ pass: true, message: () => "" }),
    toBeTrue: (value) => ({ pass: value === true, message: () => `${String(value)} is not true` }),
    toBeFalse: (value) => ({ pass: value === false, message: () => `${String(value)} is not false` }),
  });
  Object.assign(globalThis, {
    describe,
    it: (title: string, body: (done: Done) => void) =>
      it(title, body.length > 0 ? withDone(body) : (body as () => void)),
    expect,
    beforeAll,
    beforeEach,
    afterAll,
    afterEach,
    jasmine: { DEFAULT_TIMEOUT_INTERVAL: 0 },
    fail: (reason: unknown) => expect.fail(String(reason)),
  });
  const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  loader._load = (request, ...rest) =>
    request.startsWith("jasmine-core/") ? { core: () => ({}) } : load(request, ...rest);
}
