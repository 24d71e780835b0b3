import type { KeyedStep } from "./plan-keys.js";

/** Steps with one key: computed once, the result is all of theirs. */
export interface Unit {
  readonly key: string;
  /** The first of them in the plan's order: the one that is computed. */
  readonly step: KeyedStep;
  /** All of them, in the plan's order. */
  readonly steps: readonly KeyedStep[];
  /** Place in the plan, from 0. */
  readonly order: number;
}

interface Node extends Unit {
  readonly steps: KeyedStep[];
  /** Keys of everything it reads. */
  readonly parents: ReadonlySet<string>;
  /** Keys of what it reads that is not finished. */
  readonly missing: Set<string>;
  readonly children: Node[];
  /** Work of the longest chain of units that begins with this one. */
  chain: number;
  taken: boolean;
}

/** Work of a step that trains, where that of another is 1: roughly, for the order of work. */
const TRAINING = 10;

/** What of a plan is still to be computed, and in which order. */
export class Schedule {
  readonly #nodes = new Map<string, Node>();
  /** How many units are still to read each result. */
  readonly #readers = new Map<string, number>();
  readonly #queue: readonly Node[];

  /**
   * @param steps all steps, each after those it reads
   * @param finished ids of the steps that have a record
   * @param longestFirst whether to begin what the longest chain of other units waits for, which leaves short work for the end
   * where several units are computed at once; else in the plan's order
   */
  constructor(
    steps: ReadonlyMap<string, KeyedStep>,
    finished: { has(id: string): boolean },
    longestFirst: boolean,
  ) {
    for (const [order, step] of [...steps.values()].entries()) {
      if (!finished.has(step.id)) this.#add(step, order, steps);
    }
    const nodes = [...this.#nodes.values()];
    for (const node of [...nodes].reverse()) {
      node.chain =
        (node.step.trains === true ? TRAINING : 1) + Math.max(0, ...node.children.map(({ chain }) => chain));
    }
    this.#queue = longestFirst ? nodes.sort((x, y) => y.chain - x.chain || x.order - y.order) : nodes;
  }

  #add(step: KeyedStep, order: number, steps: ReadonlyMap<string, KeyedStep>): void {
    const { key } = step;
    const known = this.#nodes.get(key);
    if (known !== undefined) {
      known.steps.push(step);
      return;
    }
    const ids = Object.values(step.inputs).flat();
    const parents = new Set(ids.map((id) => (steps.get(id) as KeyedStep).key));
    const missing = new Set([...parents].filter((parent) => this.#nodes.has(parent)));
    const node: Node = {
      ...{ key, step, steps: [step], order, parents, missing },
      ...{ children: [], chain: 0, taken: false },
    };
    for (const parent of parents) this.#readers.set(parent, (this.#readers.get(parent) ?? 0) + 1);
    for (const parent of missing) this.#nodes.get(parent)?.children.push(node);
    this.#nodes.set(key, node);
  }

  /** Number of units that are neither finished nor dropped. */
  get size(): number {
    return this.#nodes.size;
  }

  /** The next unit that everything it reads is there for; undefined while there is none. Each is given once. */
  take(): Unit | undefined {
    const next = this.#queue.find(
      ({ key, missing, taken }) => !taken && missing.size === 0 && this.#nodes.has(key),
    );
    if (next !== undefined) next.taken = true;
    return next;
  }

  /** Takes note that a unit is finished; gives the keys of the results that nothing is going to read any more. */
  finish(key: string): readonly string[] {
    const node = this.#nodes.get(key) as Node;
    for (const child of node.children) child.missing.delete(key);
    return [...this.#remove(node), ...(this.#readers.has(key) ? [] : [key])];
  }

  /** Gives up a unit and all that depends on it; gives the keys of the results that nothing is going to read any more. */
  drop(key: string): readonly string[] {
    const node = this.#nodes.get(key);
    if (node === undefined) return [];
    return [...node.children.flatMap((child) => this.drop(child.key)), ...this.#remove(node)];
  }

  #remove(node: Node): readonly string[] {
    this.#nodes.delete(node.key);
    return [...node.parents].filter((parent) => {
      const left = (this.#readers.get(parent) as number) - 1;
      if (left > 0) this.#readers.set(parent, left);
      else this.#readers.delete(parent);
      return left === 0;
    });
  }
}
