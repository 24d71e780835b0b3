// How every part measures: each configuration in a process of its own, configurations taking turns, so that a change of the
// machine's load falls on all of them; what counts is the median over the rounds.
import { spawn } from "node:child_process";

/** The middle value; of an even number the lower of the two. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1];
}

/** Number of digits after the point that leave three significant ones, two at most. */
const digits = (value) => (value < 10 ? 2 : value < 100 ? 1 : 0);

/** A number for a table; a dash where nothing was measured. */
export function figure(value) {
  return value === undefined ? "–" : value.toFixed(digits(value));
}

/**
 * Runs a command to its end and reads the JSON that it prints.
 * @returns what it printed, and its seconds by the clock
 */
export function jsonOf(command, args, options = {}) {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const [output, errors] = ["", ""].map((text, i) => {
    const stream = { text };
    [child.stdout, child.stderr][i].setEncoding("utf8").on("data", (chunk) => {
      stream.text += chunk;
    });
    return stream;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      const seconds = (performance.now() - start) / 1000;
      if (status === 0) return resolve({ result: JSON.parse(output.text), seconds });
      reject(new Error(`${[command, ...args].join(" ")} ended with ${status}:\n${errors.text}`));
    });
  });
}

/** One line that the next replaces; lines of a log where nobody watches. */
const say = (text) => process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : text && `${text}\n`);

/**
 * Measures every configuration once a round. One that fails is told of and left out of the rounds that follow.
 *
 * @param configurations each with a `label`
 * @param measure from a configuration to a promise of a measurement
 * @returns label → measurements of the configurations that never failed
 */
export async function takeTurns(configurations, rounds, measure) {
  const measured = new Map(configurations.map(({ label }) => [label, []]));
  for (let round = 0; round < rounds; round++) {
    for (const configuration of configurations) {
      const { label } = configuration;
      if (!measured.has(label)) continue;
      say(`round ${round + 1}/${rounds}: ${label}`);
      try {
        measured.get(label).push(await measure(configuration));
      } catch (error) {
        say(`${label} is left out: ${error.message}\n`);
        measured.delete(label);
      }
    }
  }
  say("");
  return measured;
}
