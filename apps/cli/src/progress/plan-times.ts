import type { KeyedStep, StepRecord } from "@isthmus/core";

/** A step under way. */
export interface CurrentStep {
  readonly id: string;
  /** Seconds it has taken so far. */
  readonly spent: number;
  /** Seconds it is expected to take still, by its own pace. */
  readonly left: number | undefined;
}

/** A guess of the time until the end of a plan. */
export interface PlanTimeLeft {
  readonly seconds: number;
  /** True while a kind of step is still to come that nothing is known of, and counts as nothing. */
  readonly atLeast: boolean;
}

/** Guesses how long the rest of a plan takes: a step as long as others of its kind took, here or in earlier starts. */
export class PlanTimes {
  /** Kinds of the steps that are still to be finished, by step id. */
  readonly #waiting = new Map<string, string>();
  readonly #seconds = new Map<string, number[]>();

  /** All steps, and the records of those that need not run. */
  constructor(steps: ReadonlyMap<string, KeyedStep>, reused: ReadonlyMap<string, StepRecord>) {
    for (const [id, { kind }] of steps) if (!reused.has(id)) this.#waiting.set(id, kind);
    for (const { kind, provenance } of reused.values()) this.#sample(kind, provenance.seconds);
  }

  /** Number of steps that are still to be finished. */
  get waiting(): number {
    return this.#waiting.size;
  }

  finished(id: string, { kind, provenance }: StepRecord): void {
    if (this.#waiting.delete(id)) this.#sample(kind, provenance.seconds);
  }

  /** Time left while these steps are under way; as many go on being computed at the same time. */
  left(current: readonly CurrentStep[]): PlanTimeLeft {
    const byId = new Map(current.map((step) => [step.id, step]));
    let [sum, longest, atLeast] = [0, 0, false];
    for (const [id, kind] of this.#waiting) {
      const usual = this.#mean(kind) ?? this.#projected(kind, current);
      const own = byId.get(id);
      const expected = own === undefined ? usual : (own.left ?? (usual && Math.max(0, usual - own.spent)));
      if (expected === undefined) atLeast = true;
      sum += expected ?? 0;
      longest = Math.max(longest, expected ?? 0);
    }
    return { seconds: Math.max(longest, sum / Math.max(1, current.length)), atLeast };
  }

  /** What a step under way will have taken, as an example of its kind. */
  #projected(kind: string, current: readonly CurrentStep[]): number | undefined {
    const example = current.find(({ id, left }) => left !== undefined && this.#waiting.get(id) === kind);
    return example?.left === undefined ? undefined : example.spent + example.left;
  }

  #sample(kind: string, seconds: number): void {
    this.#seconds.set(kind, [...(this.#seconds.get(kind) ?? []), seconds]);
  }

  #mean(kind: string): number | undefined {
    const seconds = this.#seconds.get(kind);
    return seconds && seconds.reduce((sum, value) => sum + value, 0) / seconds.length;
  }
}
