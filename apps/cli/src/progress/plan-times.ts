import type { KeyedStep, StepRecord } from "@isthmus/core";

/** Guesses how long the rest of a plan takes: a step as long as others of its kind took, here or in earlier starts. */
export class PlanTimes {
  readonly #waiting = new Map<string, string>();
  readonly #seconds = new Map<string, number[]>();

  /** The steps to run, and the records of those that need not. */
  constructor(steps: ReadonlyMap<string, KeyedStep>, reused: ReadonlyMap<string, StepRecord>) {
    for (const [id, { kind }] of steps) if (!reused.has(id)) this.#waiting.set(id, kind);
    for (const { kind, provenance } of reused.values()) this.#sample(kind, provenance.seconds);
  }

  finished(id: string, record: StepRecord): void {
    this.#waiting.delete(id);
    this.#sample(record.kind, record.provenance.seconds);
  }

  /**
   * Seconds until the end of the plan; undefined while a kind of step is still to come that nothing is known of.
   *
   * @param current the step under way, the seconds it has taken so far and those it is expected to take still
   */
  left(current: {
    readonly id: string;
    readonly spent: number;
    readonly left: number | undefined;
  }): number | undefined {
    const currentKind = this.#waiting.get(current.id);
    let sum = 0;
    for (const [id, kind] of this.#waiting) {
      const guess =
        this.#mean(kind) ??
        (kind === currentKind && current.left !== undefined ? current.spent + current.left : undefined);
      const seconds =
        id === current.id ? (current.left ?? (guess && Math.max(0, guess - current.spent))) : guess;
      if (seconds === undefined) return undefined;
      sum += seconds;
    }
    return sum;
  }

  #sample(kind: string, seconds: number): void {
    this.#seconds.set(kind, [...(this.#seconds.get(kind) ?? []), seconds]);
  }

  #mean(kind: string): number | undefined {
    const seconds = this.#seconds.get(kind);
    return seconds && seconds.reduce((sum, value) => sum + value, 0) / seconds.length;
  }
}
