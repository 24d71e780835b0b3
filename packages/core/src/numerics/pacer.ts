const INTERVAL_MS = 50;

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof globalThis.setImmediate === "function") {
      globalThis.setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/**
 * Lets a long computation share its thread: call `pause` often; once in 50 ms it yields to the event loop, so that
 * timers, signals and senders live. (On wasm, awaiting a tensor's data never does.)
 */
export class Pacer {
  #last = performance.now();

  async pause(): Promise<void> {
    if (performance.now() - this.#last < INTERVAL_MS) return;
    await nextTask();
    this.#last = performance.now();
  }
}
