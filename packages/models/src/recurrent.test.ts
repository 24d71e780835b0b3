import { describeArchitecture } from "@isthmus/core/testing";
import { lstm } from "./lstm.js";
import { rnn } from "./rnn.js";

for (const architecture of [rnn, lstm]) {
  describeArchitecture(architecture, { options: { hidden: 7 } });
  describeArchitecture(architecture, {
    options: { hidden: 40, layers: 2, width: 1 / 8, bias: true },
    task: { inputShape: [5, 4, 3], classes: 4 },
  });
}
