// Programs that work a slice at a time, when told: the finest way to take turns. What slows the machine for seconds or minutes falls
// on all of them.
import { spawn } from "node:child_process";
import { readSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { say } from "./turns.mjs";

/** Milliseconds between slices: threads that wait for work by spinning have gone to sleep by then. */
const PAUSE = 60;

const clock = new Int32Array(new SharedArrayBuffer(4));

/** For the program: prints what the slice that ends here gave, and blocks until the next may begin. */
export function endSlice(result) {
  writeSync(1, `${JSON.stringify(result)}\n`);
  for (;;) {
    try {
      if (readSync(0, Buffer.alloc(1)) === 0) process.exit(0);
      return;
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(clock, 0, 0, 5);
    }
  }
}

/**
 * Starts a program that prints a line of JSON when it is ready, and one more for every line it is given.
 *
 * @returns `ready`, what it printed first; `next` has it work a slice and gives what that printed; `stop` ends it
 */
export async function slicesOf(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], ...options });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  child.stdin.on("error", () => {}); // that a program has ended is told by its output's end
  const ended = new Promise((resolve) => {
    child.on("error", ({ code }) => resolve(code));
    child.on("close", (code, signal) => resolve(signal ?? code));
  });
  const line = async () => {
    const { value, done } = await lines.next();
    if (!done) return JSON.parse(value);
    throw new Error(`${[command, ...args].join(" ")} ended with ${await ended}:\n${errors}`);
  };
  return {
    ready: await line(),
    next() {
      child.stdin.write("\n");
      return line();
    },
    stop() {
      child.stdin.end();
      return ended;
    },
  };
}

/**
 * Starts a program for every configuration, then lets all of them work one slice after another, in turns. One that fails is told of
 * and left out.
 *
 * @param configurations each with a `label`
 * @param start from a configuration to a promise of its program, as `slicesOf` gives it
 * @returns label → what the program said first, and what each of its slices gave
 */
export async function takeSlices(configurations, slices, start) {
  const programs = new Map();
  const attempt = async (label, act) => {
    try {
      await act();
    } catch (error) {
      say(`${label} is left out: ${error.message}\n`);
      programs.delete(label);
    }
    await sleep(PAUSE);
  };
  try {
    for (const configuration of configurations) {
      const { label } = configuration;
      say(`${label} starts`);
      await attempt(label, async () => programs.set(label, { ...(await start(configuration)), results: [] }));
    }
    for (let slice = 0; slice < slices; slice++) {
      say(`slice ${slice + 1}/${slices}`);
      for (const [label, { next, results }] of programs)
        await attempt(label, async () => results.push(await next()));
    }
  } finally {
    await Promise.all([...programs.values()].map(({ stop }) => stop()));
  }
  say("");
  return new Map([...programs].map(([label, { ready, results }]) => [label, { ready, results }]));
}
