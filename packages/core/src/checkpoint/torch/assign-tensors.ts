import type { Model, TorchTensor } from "../../contracts/model.js";
import type { ArrayValue, Params } from "../../contracts/params.js";
import { IsthmusError } from "../../errors/isthmus-error.js";
import { quoted } from "../safetensors-header.js";
import { torchShape } from "../torch-shape.js";
import { valueFromTorch, valueToTorch } from "./layouts.js";

/** The state dict of a model in PyTorch. Throws `checkpoint/no-torch` where its architecture does not describe it. */
export function torchTensorsOf({ torch, spec }: Model): readonly TorchTensor[] {
  if (torch !== undefined) return torch;
  throw new IsthmusError({
    code: "checkpoint/no-torch",
    message: `The architecture "${spec.architecture}" does not say how PyTorch keeps its networks.`,
    hint: "Use safetensors that Isthmus writes, or another architecture; its plugin can give its models `torch`.",
  });
}

/** True where the tensors have the very keys that PyTorch gives this model. */
export function hasTorchKeys(model: Model, tensors: Params): boolean {
  return model.torch?.length === tensors.size && model.torch.every(({ key }) => tensors.has(key));
}

function mismatch(model: Model, source: string, what: string): IsthmusError {
  return new IsthmusError({
    code: "checkpoint/mismatch",
    message: `${source} does not fit ${model.spec.architecture} ${JSON.stringify(model.spec.options)} for images of [${model.spec.task.inputShape.join(", ")}] and ${model.spec.task.classes} classes: ${what}.`,
    hint: "Correct the architecture, its options or the data set; without them they are found from the shapes.",
  });
}

/** A tensor of the file for each one of the model: by their keys where they agree, else one after another. */
function pairs(
  model: Model,
  tensors: Params,
  source: string,
): (readonly [TorchTensor, string, ArrayValue])[] {
  const wanted = torchTensorsOf(model);
  if (hasTorchKeys(model, tensors)) {
    return wanted.map((each) => [each, each.key, tensors.get(each.key) as ArrayValue] as const);
  }
  if (wanted.length !== tensors.size) {
    throw mismatch(model, source, `it has ${tensors.size} tensors instead of ${wanted.length}`);
  }
  const inOrder = [...tensors];
  return wanted.map((each, i) => [each, ...inOrder[i]] as const);
}

/**
 * Weights of a model out of PyTorch's tensors, in the order of its state dict or under its keys, without what
 * `withoutWrapping` takes away.
 *
 * @throws `checkpoint/mismatch` with the first tensor that does not fit, and both shapes
 */
export function fromTorch(model: Model, tensors: Params, source: string): Params {
  const shapes = new Map(model.parameters.map(({ name, shape }) => [name, shape]));
  const values = new Map<string, ArrayValue>();
  for (const [{ parameter, layout }, key, { shape, data }] of pairs(model, tensors, source)) {
    const ours = shapes.get(parameter) as readonly number[];
    const expected = torchShape(layout, ours);
    if (shape.join() !== expected.join()) {
      throw mismatch(
        model,
        source,
        `tensor ${quoted(key)} has shape [${shape.join(", ")}] instead of [${expected.join(", ")}] (${parameter})`,
      );
    }
    const value = valueFromTorch(layout, ours, data, model);
    const before = values.get(parameter);
    if (before !== undefined)
      before.data.forEach((each, i) => {
        value.data[i] += each;
      });
    values.set(parameter, value);
  }
  return new Map(model.parameters.map(({ name }) => [name, values.get(name) as ArrayValue]));
}

/** The state dict of a network in PyTorch: its keys, its order, its layouts. Throws `checkpoint/no-torch`. */
export function toTorch(model: Model, params: Params): Params {
  const written = new Set<string>();
  return new Map(
    torchTensorsOf(model).map(({ key, parameter, layout }) => {
      const value = valueToTorch(layout, params.get(parameter) as ArrayValue, model);
      if (written.has(parameter)) value.data.fill(0);
      written.add(parameter);
      return [key, value] as const;
    }),
  );
}
