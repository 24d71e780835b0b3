import { describeArchitecture } from "@isthmus/core/testing";
import { convnet } from "./convnet.js";

describeArchitecture(convnet, { options: { channels: [5], hidden: [] } });
describeArchitecture(convnet, { options: { channels: [5, 6], hidden: [7], bias: true, dropout: 0.3 } });
describeArchitecture(convnet, {
  options: { channels: [32, 64, 64], hidden: [40, 48], width: 1 / 8, bias: true, batchNorm: true },
  task: { inputShape: [9, 10, 3], classes: 4 },
});
describeArchitecture(convnet, { options: { channels: [4, 6], batchNorm: true, width: 0.5 } });
