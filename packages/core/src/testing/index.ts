export type { DescribeArchitectureOptions } from "./describe-architecture.js";
export { describeArchitecture } from "./describe-architecture.js";
export type { DescribeDatasetOptions } from "./describe-dataset.js";
export { describeDataset } from "./describe-dataset.js";
export type { DescribeFusionOptions } from "./describe-fusion-method.js";
export { describeFusionMethod } from "./describe-fusion-method.js";
export type { ToyContextOptions } from "./fixtures.js";
export { toyArchitecture, toyContext, toyData, toyInputs, toyModel } from "./fixtures.js";
export { copyParams, derivativeError, largestDifference, leakedTensors, logitsOf } from "./measure.js";
