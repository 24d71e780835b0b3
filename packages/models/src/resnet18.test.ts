import { describeArchitecture } from "@isthmus/core/testing";
import { resnet18 } from "./resnet18.js";

const task = { inputShape: [11, 8, 3], classes: 4 };

for (const bias of [false, true])
  for (const batchNorm of [false, true])
    describeArchitecture(resnet18, { options: { width: 1 / 8, bias, batchNorm }, task });
