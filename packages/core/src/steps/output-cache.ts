import type { StepOutputs } from "../contracts/step.js";
import type { StepRecord } from "./record.js";

/** Outputs in memory, by key, until they are released. */
export class OutputCache {
  readonly #values = new Map<string, Promise<StepOutputs>>();

  /** `load` reads the outputs of a finished step. */
  constructor(private readonly load: (record: StepRecord) => Promise<StepOutputs>) {}

  /** The outputs of finished steps, each read at most once. */
  async inputs(
    records: Readonly<Record<string, readonly StepRecord[]>>,
  ): Promise<Readonly<Record<string, readonly StepOutputs[]>>> {
    const inputs: Record<string, readonly StepOutputs[]> = {};
    for (const [name, list] of Object.entries(records)) {
      const outputs: StepOutputs[] = [];
      for (const record of list) outputs.push(await this.#read(record));
      inputs[name] = outputs;
    }
    return inputs;
  }

  #read(record: StepRecord): Promise<StepOutputs> {
    const known = this.#values.get(record.key);
    if (known !== undefined) return known;
    const loading = this.load(record);
    this.#values.set(record.key, loading);
    return loading;
  }

  /** Keeps the outputs of a step that was just computed. */
  keep(key: string, outputs: StepOutputs): void {
    this.#values.set(key, Promise.resolve(outputs));
  }

  release(key: string): void {
    this.#values.delete(key);
  }
}
