import { type Architecture, sizeOf, type TaskShape } from "@isthmus/core";

/** Number of a network's trained numbers: all but buffers. */
export function trainedCount<Options>(
  architecture: Architecture<Options>,
  options: unknown,
  task: TaskShape,
): number {
  const parsed = architecture.options.safeParse(options);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  const { parameters } = architecture.build(parsed.data, task);
  return parameters
    .filter(({ role }) => role !== "buffer")
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
