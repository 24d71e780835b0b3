import { describe, expect, it } from "vitest";
import { moduleOrder } from "./module-order.js";

const weightAndBias = (name: string) => [`${name}.weight`, `${name}.bias`];
const normalization = (name: string) => [
  ...weightAndBias(name),
  `${name}.running_mean`,
  `${name}.running_var`,
];

describe("keys sorted by name get back the order of", () => {
  it.each<[string, string[]]>([
    ["a sequence of more than ten modules", ["0", "2", "4", "10", "12"].flatMap(weightAndBias)],
    ["numbered layers", ["fc1", "fc2", "fc10"].flatMap(weightAndBias)],
    ["convolutions before dense layers", ["conv1", "conv2", "fc1", "fc2"].flatMap(weightAndBias)],
    [
      "features before a classifier",
      ["features.0", "features.3", "features.10", "classifier.1"].flatMap(weightAndBias),
    ],
    [
      "a residual network",
      [
        "conv1.weight",
        ...normalization("bn1"),
        ...["layer1.0", "layer1.1", "layer2.0"].flatMap((block) => [
          `${block}.conv1.weight`,
          ...normalization(`${block}.bn1`),
          `${block}.conv2.weight`,
          ...normalization(`${block}.bn2`),
          ...(block === "layer2.0"
            ? [`${block}.shortcut.0.weight`, ...normalization(`${block}.shortcut.1`)]
            : []),
        ]),
        ...weightAndBias("linear"),
      ],
    ],
    [
      "a recurrent network",
      [
        ...["l0", "l1"].flatMap((layer) =>
          ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((name) => `rnn.${name}_${layer}`),
        ),
        ...weightAndBias("fc"),
      ],
    ],
  ])("%s", (_, keys) => {
    expect(moduleOrder([...keys].sort())).toEqual(keys);
    expect(moduleOrder([...keys].reverse())).toEqual(keys);
  });

  it("names without numbers or known words by the alphabet", () => {
    expect(moduleOrder(["decoder", "a.b", "encoder", "a"])).toEqual(["a", "a.b", "decoder", "encoder"]);
  });
});
