import {
  type ContributionRef,
  type DatasetRef,
  IsthmusError,
  type Learner,
  type Model,
  type StepContext,
  type Task,
} from "@isthmus/core";
import { z } from "zod";

const resolvedOptions = z.record(z.string(), z.json());

/** A contribution that has checked its options already. */
export const reference = z.strictObject({ name: z.string(), options: resolvedOptions });

/** What says which tasks there are, and which network learns them. */
export const streamOptions = {
  seed: z.number().int().min(0),
  dataset: reference,
  scenario: reference,
  architecture: reference,
};

const schema = z.strictObject(streamOptions);

/** What says which tasks there are, and which network learns them, resolved. */
export type StreamOptions = z.output<typeof schema>;

/** What reading the stream depends on. */
export function streamDependencies({ dataset, scenario, architecture }: StreamOptions): {
  readonly contributions: readonly ContributionRef[];
  readonly dataset: DatasetRef;
} {
  return {
    contributions: [
      { kind: "scenario", name: scenario.name },
      { kind: "architecture", name: architecture.name },
    ],
    dataset,
  };
}

/** The tasks and the network of a stream; the scenario draws from the stream `scenario` of the seed. */
export async function openStream(
  { dataset, scenario, architecture }: StreamOptions,
  context: Pick<StepContext, "dataset" | "resolve" | "rng">,
): Promise<{ readonly tasks: readonly Task[]; readonly model: Model }> {
  const images = await context.dataset(dataset);
  const { stream } = await context.resolve("scenario", scenario.name);
  const tasks = stream(images, scenario.options, context.rng.fork("scenario"));
  const { build } = await context.resolve("architecture", architecture.name);
  const { inputShape, classes } = (tasks[0] as Task).train;
  return { tasks, model: build(architecture.options, { inputShape, classes }) };
}

/** A learner with its options as it takes them. */
export async function openLearner(
  { name, options }: z.output<typeof reference>,
  context: Pick<StepContext, "resolve">,
): Promise<{ readonly learner: Learner; readonly options: unknown }> {
  const learner = await context.resolve("learner", name);
  const parsed = learner.options.safeParse(options);
  if (parsed.success) return { learner, options: parsed.data };
  throw planMistake(`planned with options that the learner "${name}" does not accept`);
}

/** The error for a step that its experiment planned wrongly. */
export function planMistake(what: string): IsthmusError {
  return new IsthmusError({
    code: "plan/invalid",
    message: `A step of a stream was ${what}.`,
    hint: "This is a mistake of the experiment that planned it; report it to the author of that plugin.",
  });
}
