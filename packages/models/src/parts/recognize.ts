import { isIsthmusError, type Model, type NamedShape, type TaskShape, torchShape } from "@isthmus/core";

/** What the shapes of a convolutional network's tensors say at first sight. */
export interface Outline {
  /** Units of each convolution. */
  readonly convolutions: readonly number[];
  /** Channels of the images. */
  readonly channels: number;
  /** `[out, in]` of each dense layer. */
  readonly dense: readonly (readonly [number, number])[];
  readonly classes: number;
  readonly bias: boolean;
  readonly batchNorm: boolean;
}

/** Reads the outline of a network that ends with a dense layer; undefined where it is none. */
export function outlineOf(tensors: readonly NamedShape[]): Outline | undefined {
  const ofRank = (rank: number) => tensors.map(({ shape }) => shape).filter(({ length }) => length === rank);
  const [vectors, dense, convolutions] = [ofRank(1), ofRank(2), ofRank(4)] as const;
  if (dense.length === 0 || convolutions.length === 0) return undefined;
  return {
    convolutions: convolutions.map((shape) => shape[0] as number),
    channels: convolutions[0]?.[1] as number,
    dense: dense as unknown as Outline["dense"],
    classes: dense.at(-1)?.[0] as number,
    bias: tensors.at(-1)?.shape.length === 1,
    batchNorm: vectors.length > convolutions.length + dense.length,
  };
}

/** Sides of images that are common: MNIST's of one channel, CIFAR's of three. */
export const usualSide = (channels: number): number => (channels === 1 ? 28 : 32);

/** A guess that holds where the network built from it has exactly these tensors, by shape and order; undefined otherwise. */
export function verified<Options>(
  build: (options: Options, task: TaskShape) => Model,
  guess: { readonly options: Options; readonly task: TaskShape },
  tensors: readonly NamedShape[],
): typeof guess | undefined {
  try {
    const model = build(guess.options, guess.task);
    const shapes = new Map(model.parameters.map(({ name, shape }) => [name, shape]));
    const expected = (model.torch ?? []).map(({ parameter, layout }) =>
      torchShape(layout, shapes.get(parameter) as readonly number[]).join(),
    );
    const found = tensors.map(({ shape }) => shape.join());
    return expected.join(" ") === found.join(" ") ? guess : undefined;
  } catch (error) {
    if (isIsthmusError(error)) return undefined;
    throw error;
  }
}
