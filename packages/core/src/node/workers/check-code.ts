import type { ContributionKind } from "../../contracts/plugin.js";
import { IsthmusError } from "../../errors/isthmus-error.js";
import type { KeyedStep } from "../../steps/plan-keys.js";
import type { KeyPorts } from "../../steps/ports.js";

/**
 * Refuses a step whose code is not what its key stands for: a worker may load the code long after the keys were made, and it
 * may have been edited in between.
 *
 * @throws `step/code-changed`
 */
export async function checkCode(
  { description }: Pick<KeyedStep, "description">,
  { host, code }: Pick<KeyPorts, "host" | "code">,
): Promise<void> {
  for (const [id, digest] of Object.entries(description.code as Record<string, string>)) {
    const [kind, name] = id.split(/\/(.*)/s) as [ContributionKind, string | undefined];
    // Loaded before it is digested, so that what is digested is not older than what computes.
    if (name !== undefined) await host.resolve(kind, name);
    const found = name === undefined ? await code.numerics() : await code.contribution(kind, name);
    if (found === digest) continue;
    throw new IsthmusError({
      code: "step/code-changed",
      message: `the code of ${name === undefined ? "core's numerics" : `the ${kind} "${name}"`} was changed while the run was under way.`,
      hint: "Start the same command again: what the change concerns is computed with the new code, the rest is kept.",
    });
  }
}
