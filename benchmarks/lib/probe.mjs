// Prints the seconds of a fixed piece of work that every core does at once, on more memory than its own caches hold: longer where
// others use the machine.
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

const NUMBERS = 2 ** 18;
const PASSES = 250;

/** y ← y + x / 2, over and over */
function work() {
  const x = new Float32Array(NUMBERS).fill(1);
  const y = new Float32Array(NUMBERS);
  const start = performance.now();
  for (let pass = 0; pass < PASSES; pass++) for (let i = 0; i < NUMBERS; i++) y[i] += 0.5 * x[i];
  return (performance.now() - start) / 1000;
}

if (isMainThread) {
  const one = () =>
    new Promise((resolve, reject) => {
      new Worker(new URL(import.meta.url)).on("message", resolve).on("error", reject);
    });
  const seconds = await Promise.all(Array.from({ length: availableParallelism() }, one));
  process.stdout.write(JSON.stringify(Math.max(...seconds)));
} else parentPort.postMessage(work());
