import type { Model, TorchLayout } from "../../contracts/model.js";
import type { ArrayValue } from "../../contracts/params.js";
import { transpose } from "../strided.js";
import { torchShape } from "../torch-shape.js";

/** PyTorch's tensor with axes of its own for what it keeps as one, and the order that these have here. */
interface Unfolding {
  readonly view: readonly number[];
  readonly axes: readonly number[];
}

/** `[out, in, h, w]`, which is `[h, w, in, out]` here. */
function imageFirst(units: number, [height, width, channels]: readonly number[]): Unfolding {
  return { view: [units, channels, height, width], axes: [2, 3, 1, 0] };
}

function unfolding(layout: TorchLayout, shape: readonly number[], inputShape: readonly number[]): Unfolding {
  switch (layout) {
    case "same":
    case "gate-bias":
      return { view: shape, axes: shape.map((_, axis) => axis) };
    case "linear":
      return { view: [shape[1], shape[0]], axes: [1, 0] };
    case "conv":
    case "linear-on-map":
      return imageFirst(shape[3], shape);
    case "linear-on-image":
      return imageFirst(shape[1], inputShape);
    case "gates": {
      const [inputs, gates, units] = shape;
      return { view: [gates, units, inputs], axes: [2, 0, 1] };
    }
  }
}

/** A parameter of ours out of PyTorch's values for it. @param shape ours */
export function valueFromTorch(
  layout: TorchLayout,
  shape: readonly number[],
  data: Float32Array,
  { spec }: Model,
): ArrayValue {
  const { view, axes } = unfolding(layout, shape, spec.task.inputShape);
  return { shape, data: transpose({ shape: view, data }, axes).data };
}

/** PyTorch's tensor for a parameter of ours. */
export function valueToTorch(layout: TorchLayout, { shape, data }: ArrayValue, { spec }: Model): ArrayValue {
  const { view, axes } = unfolding(layout, shape, spec.task.inputShape);
  const here = axes.map((axis) => view[axis]);
  const back = axes.map((_, axis) => axes.indexOf(axis));
  return { shape: torchShape(layout, shape), data: transpose({ shape: here, data }, back).data };
}
