import { describeArchitecture } from "@isthmus/core/testing";
import { vgg11 } from "./vgg11.js";

const task = { inputShape: [32, 32, 3], classes: 4 };

for (const bias of [false, true])
  for (const batchNorm of [false, true])
    describeArchitecture(vgg11, { options: { width: 1 / 8, bias, batchNorm }, task });
