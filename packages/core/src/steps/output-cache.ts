import type { StepOutputs } from "../contracts/step.js";
import type { KeyedStep } from "./plan-keys.js";

/** Outputs in memory, by key, for as long as a step that is still to run reads them. */
export class OutputCache {
  readonly #readers = new Map<string, number>();
  readonly #values = new Map<string, Promise<StepOutputs>>();
  readonly #steps: ReadonlyMap<string, KeyedStep>;
  readonly #load: (step: KeyedStep) => Promise<StepOutputs>;

  /** `waiting`: the steps that may have to run; `load` reads the outputs of a finished one. */
  constructor(
    steps: ReadonlyMap<string, KeyedStep>,
    waiting: Iterable<KeyedStep>,
    load: (step: KeyedStep) => Promise<StepOutputs>,
  ) {
    this.#steps = steps;
    this.#load = load;
    for (const step of waiting) {
      for (const { key } of this.#parents(step)) this.#readers.set(key, (this.#readers.get(key) ?? 0) + 1);
    }
  }

  #parents(step: KeyedStep): readonly KeyedStep[] {
    return Object.values(step.inputs)
      .flat()
      .map((id) => this.#steps.get(id) as KeyedStep);
  }

  #read(step: KeyedStep): Promise<StepOutputs> {
    const known = this.#values.get(step.key);
    if (known !== undefined) return known;
    const loading = this.#load(step);
    this.#values.set(step.key, loading);
    return loading;
  }

  /** The outputs that a step reads, by input name. */
  async inputs(step: KeyedStep): Promise<Readonly<Record<string, readonly StepOutputs[]>>> {
    const inputs: Record<string, readonly StepOutputs[]> = {};
    for (const [name, ids] of Object.entries(step.inputs)) {
      const outputs: StepOutputs[] = [];
      for (const id of ids) outputs.push(await this.#read(this.#steps.get(id) as KeyedStep));
      inputs[name] = outputs;
    }
    return inputs;
  }

  /** Keeps the outputs of a step that was just computed, if any step is waiting for them. */
  keep(step: KeyedStep, outputs: StepOutputs): void {
    if (this.#readers.has(step.key)) this.#values.set(step.key, Promise.resolve(outputs));
  }

  /** Forgets what only this step was waiting for. */
  release(step: KeyedStep): void {
    for (const { key } of this.#parents(step)) {
      const left = (this.#readers.get(key) as number) - 1;
      if (left > 0) this.#readers.set(key, left);
      else {
        this.#readers.delete(key);
        this.#values.delete(key);
      }
    }
  }
}
