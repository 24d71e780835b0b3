// What is trained, and how much of an epoch is measured. Batches of 128, SGD with momentum .9, no weight decay.

export const BATCH = 128;
/** Steps before the clock starts, for everyone. */
export const WARM_UP = 10;
/** Epochs that are timed. Through the first of a process V8 compiles, on a core that trains; a training is made of those after it. */
export const EPOCHS = 2;
/** Slices of an epoch: everyone trains one, then the next. */
export const SLICES = 10;

/** Stacks of dense layers without bias; `steps` of an epoch are timed. */
export const NETWORKS = [
  { name: "MLPNet", inputShape: [28, 28, 1], images: 60_000, hidden: [400, 200, 100], steps: 460 },
  { name: "MLPLarge", inputShape: [28, 28, 1], images: 60_000, hidden: [800, 400, 200], steps: 230 },
  { name: "MLPHuge", inputShape: [28, 28, 1], images: 60_000, hidden: [1024, 512, 256], steps: 150 },
  { name: "MLPNet-3072", inputShape: [32, 32, 3], images: 50_000, hidden: [400, 200, 100], steps: 190 },
];

export const CLASSES = 10;

/** `784-400-200-100-10` */
export function widths({ inputShape, hidden }) {
  return [inputShape.reduce((a, b) => a * b), ...hidden, CLASSES];
}
