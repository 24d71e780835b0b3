import type { Model, ModelSpec } from "../contracts/model.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import type { StepHost } from "./ports.js";

/**
 * Rebuilds models from the JSON that checkpoints keep, with the host's architectures.
 *
 * @throws `checkpoint/outdated-options` where the architecture no longer accepts the kept options.
 */
export function modelBuilder(host: Pick<StepHost, "resolve">): (spec: ModelSpec) => Promise<Model> {
  return async (spec) => {
    const architecture = await host.resolve("architecture", spec.architecture);
    const options = architecture.options.safeParse(spec.options);
    if (!options.success) {
      const [issue] = options.error.issues;
      throw new IsthmusError({
        code: "checkpoint/outdated-options",
        message: `The architecture "${spec.architecture}" does not accept the options a checkpoint was made with: ${issue?.path.map(String).join(".") || "options"}: ${issue?.message}.`,
        hint: "Use the plugin version that made the checkpoint, or make the checkpoint again.",
      });
    }
    return architecture.build(options.data, spec.task);
  };
}
