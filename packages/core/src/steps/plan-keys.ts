import type { Plan } from "../contracts/experiment.js";
import type { Json, JsonObject } from "../contracts/json.js";
import type { ContributionRef, PlannedStep, StepKind } from "../contracts/step.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { sha256 } from "../numerics/sha256.js";
import { canonicalJson } from "./exact-json.js";
import type { KeyPorts } from "./ports.js";

/** Version of what a key is made from: a change of it makes every key new. */
const KEY_FORMAT = 1;

/** A planned step with the key under which its result is kept. */
export interface KeyedStep extends PlannedStep {
  /** SHA-256 of the canonical JSON of `description`. */
  readonly key: string;
  /** Everything the result depends on. */
  readonly description: JsonObject;
  /** Versions of the packages whose contributions it uses, by package name. */
  readonly plugins: Readonly<Record<string, string>>;
  /** The data it reads. */
  readonly dataset?: { readonly name: string; readonly options: Json; readonly digest: string };
}

function planError(step: PlannedStep, message: string): IsthmusError {
  return new IsthmusError({
    code: "plan/invalid",
    message: `Step "${step.id}" (${step.kind}): ${message}`,
    hint: "This is a mistake of the experiment that planned it; report it to the author of that plugin.",
  });
}

/** The options of a step as its kind takes them. */
export function stepOptions(kind: StepKind, step: PlannedStep): unknown {
  const parsed = kind.options.safeParse(step.options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw planError(
    step,
    `its option ${issue?.path.map(String).join(".") || "(root)"} is not valid: ${issue?.message}.`,
  );
}

/** Contributions whose code a step runs, each once: its kind's, its data set's, and those that its kind names. */
async function dependencies(step: PlannedStep, { host }: KeyPorts) {
  const kind = await host.resolve("step", step.kind);
  const { contributions, dataset } = kind.dependencies(stepOptions(kind, step));
  const all: ContributionRef[] = [{ kind: "step", name: step.kind }, ...contributions];
  if (dataset !== undefined) all.push({ kind: "dataset", name: dataset.name });
  return { code: new Map(all.map((ref) => [`${ref.kind}/${ref.name}`, ref])), dataset };
}

function parentKeys(step: PlannedStep, done: ReadonlyMap<string, KeyedStep>): JsonObject {
  const keyOf = (id: string): string => {
    const parent = done.get(id);
    if (parent === undefined) throw planError(step, `its input "${id}" is not a step before it.`);
    return parent.key;
  };
  return Object.fromEntries(Object.entries(step.inputs).map(([name, ids]) => [name, ids.map(keyOf)]));
}

async function keyStep(
  step: PlannedStep,
  done: ReadonlyMap<string, KeyedStep>,
  ports: KeyPorts,
): Promise<KeyedStep> {
  const inputs = parentKeys(step, done);
  const { code, dataset } = await dependencies(step, ports);
  const digests: Record<string, string> = { numerics: await ports.code.numerics() };
  const plugins: Record<string, string> = {};
  for (const [id, ref] of code) {
    digests[id] = await ports.code.contribution(ref.kind, ref.name);
    const { plugin, version } = await ports.host.origin(ref.kind, ref.name);
    plugins[plugin] = version;
  }
  const digest = dataset && (await ports.datasets.digest(dataset));
  const { backend, threads, version } = ports.engine;
  const description = {
    format: KEY_FORMAT,
    kind: step.kind,
    options: step.options,
    inputs,
    dataset: digest ?? null,
    engine: { backend, threads, version },
    code: digests,
  };
  return {
    ...step,
    key: await sha256(canonicalJson(description)),
    description,
    plugins,
    ...(dataset === undefined ? {} : { dataset: { ...dataset, digest: digest as string } }),
  };
}

/**
 * Keys of a plan's steps, by step id, in the plan's order. A key is the SHA-256 of everything the result depends on: kind and
 * options (seed included), keys of the parents in the order they are read, digest of the data, backend, threads and library
 * version, and the code: of the step's kind, of every contribution it uses, of core's numerics. Ids and versions don't enter.
 *
 * @throws `plan/invalid` for a step that is planned twice, reads one that does not come before it, or has invalid options.
 */
export async function planKeys(plan: Plan, ports: KeyPorts): Promise<ReadonlyMap<string, KeyedStep>> {
  const keyed = new Map<string, KeyedStep>();
  for (const step of plan.steps) {
    if (keyed.has(step.id)) throw planError(step, "another step of the plan has the same id.");
    keyed.set(step.id, await keyStep(step, keyed, ports));
  }
  return keyed;
}
