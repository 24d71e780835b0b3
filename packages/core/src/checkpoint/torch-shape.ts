import type { TorchLayout } from "../contracts/model.js";
import { sizeOf } from "../numerics/params.js";

/** The shape that PyTorch gives a parameter of ours, by {@link TorchLayout}. */
export function torchShape(layout: TorchLayout, shape: readonly number[]): number[] {
  const units = shape.at(-1) as number;
  switch (layout) {
    case "same":
      return [...shape];
    case "linear":
    case "linear-on-image":
    case "linear-on-map":
      return [units, sizeOf(shape) / units];
    case "conv": {
      const [height, width, inputs] = shape as [number, number, number];
      return [units, inputs, height, width];
    }
    case "gates":
      return [4 * units, shape[0] as number];
    case "gate-bias":
      return [4 * units];
  }
}
