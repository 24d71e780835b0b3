/** How far some work has come, and how fast. */
export interface PaceStatus {
  readonly done: number;
  readonly total: number | undefined;
  readonly unit: string;
  /** Units per second since the first report; undefined until there is something to judge by. */
  readonly rate: number | undefined;
  /** Seconds; undefined where the total or the rate is. */
  readonly left: number | undefined;
}

/** Measures work by its reports. What was done before the first one (a resumed step) does not count as speed. */
export class Pace {
  #first: { readonly done: number; readonly time: number } | undefined;
  #status: PaceStatus = { done: 0, total: undefined, unit: "", rate: undefined, left: undefined };

  get status(): PaceStatus {
    return this.#status;
  }

  /** `now`: milliseconds. Another unit, or fewer done than before, begins anew. */
  report(done: number, total: number | undefined, unit: string, now: number): void {
    if (this.#first === undefined || unit !== this.#status.unit || done < this.#status.done) {
      this.#first = { done, time: now };
    }
    const seconds = (now - this.#first.time) / 1000;
    const rate = seconds > 0 && done > this.#first.done ? (done - this.#first.done) / seconds : undefined;
    const left = rate === undefined || total === undefined ? undefined : Math.max(0, total - done) / rate;
    this.#status = { done, total, unit, rate, left };
  }
}
