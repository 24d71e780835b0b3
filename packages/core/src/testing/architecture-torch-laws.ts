import { expect, it } from "vitest";
import { torchShape } from "../checkpoint/torch-shape.js";
import type { TaskShape } from "../contracts/model.js";
import type { ArchitectureCase } from "./architecture-case.js";

/** Laws of how PyTorch keeps the network: every parameter is there, and the shapes tell options and task. */
export function architectureTorchLaws({ architecture, model, task }: ArchitectureCase): void {
  const { torch = [] } = model;
  const shapes = new Map(model.parameters.map(({ name, shape }) => [name, shape]));

  it.runIf(model.torch !== undefined)(
    "has every parameter in PyTorch's state dict, under keys of its own",
    () => {
      expect(new Set(torch.map(({ key }) => key)).size).toBe(torch.length);
      expect(new Set(torch.map(({ parameter }) => parameter))).toEqual(new Set(shapes.keys()));
    },
  );

  it.runIf(model.torch !== undefined && architecture.recognize !== undefined)(
    "is recognized by the shapes of its tensors in PyTorch, whatever their keys",
    () => {
      const tensors = torch.map(({ parameter, layout }, i) => ({
        key: `tensor ${i}`,
        shape: torchShape(layout, shapes.get(parameter) as readonly number[]),
      }));
      const givens: Partial<TaskShape>[] = [task, { inputShape: task.inputShape }];
      for (const given of givens) {
        const found = architecture.recognize?.(tensors, given);
        expect(found?.task).toEqual(task);
        if (found === undefined) continue;
        const again = architecture.build(found.options, found.task);
        expect(again.parameters).toEqual(model.parameters);
        expect(again.symmetry).toEqual(model.symmetry);
        expect(again.torch?.map(({ parameter, layout }) => [parameter, layout])).toEqual(
          torch.map(({ parameter, layout }) => [parameter, layout]),
        );
        expect(architecture.options.safeParse(found.options).success).toBe(true);
      }
      expect(architecture.recognize?.(tensors.slice(1), task)).toBeUndefined();
      expect(architecture.recognize?.([], task)).toBeUndefined();
      const wider = tensors.map((each, i) =>
        i === 0 ? { ...each, shape: each.shape.map((n) => n + 1) } : each,
      );
      expect(architecture.recognize?.(wider, task)).toBeUndefined();
    },
  );
}
