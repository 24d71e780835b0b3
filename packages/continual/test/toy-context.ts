import {
  classification,
  initialize,
  type LearnerContext,
  type MemoryRule,
  maskLogits,
  memoryOf,
  type Params,
  Rng,
  type Task,
  trainSettings,
} from "@isthmus/core";
import { toyModel, toyStream } from "@isthmus/core/testing";

const unused = async (): Promise<never> => {
  throw new Error("not in this test");
};

/** What a learner is given at the second task of the toy stream, with some images of the first in its memory. */
export function toyContext(
  kept: readonly number[],
  {
    memoryRule,
    extra,
    masked = false,
  }: { memoryRule?: MemoryRule; extra?: Readonly<Record<string, Params>>; masked?: boolean } = {},
): LearnerContext {
  const modelOf = ({ classes }: Task) => (masked ? maskLogits(toyModel(), classes) : toyModel());
  const seen = toyStream().slice(0, 2);
  const model = modelOf(seen[1]);
  const params = initialize(model, Rng.seed(3));
  return {
    model,
    modelOf,
    initial: params,
    state: { params, ...(extra === undefined ? {} : { extra }), details: { shown: kept.length } },
    task: seen[1],
    seen,
    memory: memoryOf(seen, [kept]),
    ...(memoryRule === undefined ? {} : { memoryRule }),
    training: trainSettings.parse({ epochs: 1, optimizer: { kind: "sgd", learningRate: 0.1 } }),
    rng: Rng.seed(4),
    signal: new AbortController().signal,
    progress: () => {},
    objective: (weights) => classification(model, weights),
    train: unused,
    fuse: unused,
    metrics: () => {},
  };
}
