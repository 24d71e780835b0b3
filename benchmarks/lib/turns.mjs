// How every part measures: each configuration in a process of its own, configurations taking turns, so that a change of the
// machine's load falls on all of them; what counts is the median over the rounds.
import { execFile } from "node:child_process";

/** The middle value; of an even number the lower of the two. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1];
}

/** The fastest by its median over the rounds; a round has the seconds of each by name. */
export function fastest(rounds) {
  const medians = Object.keys(rounds[0]).map((name) => ({
    name,
    seconds: median(rounds.map((round) => round[name])),
  }));
  return medians.reduce((best, each) => (each.seconds < best.seconds ? each : best));
}

/** Runs a command to its end: what it printed, and its seconds by the clock. */
export function textOf(command, args, options = {}) {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    execFile(command, args, { maxBuffer: 2 ** 26, ...options }, (error, text, errors) => {
      if (error === null) return resolve({ text, seconds: (performance.now() - start) / 1000 });
      const end = error.signal ?? error.code;
      reject(new Error(`${[command, ...args].join(" ")} ended with ${end}:\n${errors}`));
    });
  });
}

/** Runs a command that prints JSON. */
export async function jsonOf(command, args, options) {
  const { text, seconds } = await textOf(command, args, options);
  return { result: JSON.parse(text), seconds };
}

/** One line that the next replaces; lines of a log where nobody watches. */
export const say = (text) =>
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : text && `${text}\n`);

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
