import type { TaskMemory } from "../../contracts/learner.js";
import type { Task } from "../../contracts/scenario.js";
import { concatenate } from "../data/concatenate.js";

/**
 * Images at some indices of the training images of each task, as one view.
 *
 * @param tasks at least one, and as many as there are lists of indices, or more
 */
export function memoryOf(tasks: readonly Task[], indices: TaskMemory["indices"]): TaskMemory {
  const [first] = tasks;
  const views = indices.map((own, t) => (tasks[t] as Task).train.subset(own));
  return { indices, data: concatenate(views.length === 0 ? [(first as Task).train.subset([])] : views) };
}
