import type { JsonObject, PlanContext, PlannedStep } from "@isthmus/core";
import type { SharedStream } from "./steps.js";

/**
 * Task models that files hold, in the order of the tasks, as steps that know what is in a file and not where it lies. Each is read as the
 * recipe's architecture with the recipe's options, so that a file of another network is refused.
 */
export async function planTaskFiles(
  files: readonly string[],
  { architecture, tasks }: Pick<SharedStream, "architecture" | "tasks">,
  context: PlanContext,
): Promise<readonly PlannedStep[]> {
  if (files.length === 0) return [];
  if (files.length !== tasks) {
    context.fail(
      ["taskModels"],
      `${files.length} files were named for a stream of ${tasks} tasks`,
      "Name one for each task, in order.",
    );
  }
  return context.collect(
    files.map((file, task) => async (): Promise<PlannedStep> => {
      const { sha256, spec } = await context.network(file, architecture, ["taskModels", task]);
      return {
        id: `import task ${task + 1}/${tasks}`,
        kind: "import",
        options: { sha256, spec: spec as unknown as JsonObject },
        inputs: {},
      };
    }),
  );
}
