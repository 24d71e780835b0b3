// What is trained, and how many steps are measured. Batches of 128 images of CIFAR-10's shape, SGD with momentum .9, no weight decay.

export const BATCH = 128;
export const INPUT_SHAPE = [32, 32, 3];
export const CLASSES = 10;

/** Options of the architecture. */
export const NETWORKS = [
  { name: "VGG-11", options: { bias: true } },
  { name: "VGG-11 with batch norm", options: { bias: true, batchNorm: true } },
];
