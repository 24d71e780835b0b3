import type { FusionContext } from "../contracts/fusion.js";
import type { LabeledData } from "../contracts/labeled-data.js";
import type { Params } from "../contracts/params.js";
import type { StepContext } from "../contracts/step.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import type { Rng } from "./rng.js";

/** What a fusion is given, whichever methods take part in it. */
export interface FusionGivens {
  /** Joint data, for methods that need it. */
  readonly data: LabeledData | undefined;
  /** The common ancestor, for methods that need it. */
  readonly base: Params | undefined;
  /** Methods that may be called. */
  readonly uses: readonly string[];
  /** Trains on that data; resumes after a crash. */
  train(...training: Parameters<FusionContext["train"]>): ReturnType<FusionContext["train"]>;
}

/**
 * The context of one fusion. It may train once, whichever method asks: there is one state to resume from. The n-th method
 * that is called gets a context of its own, with the stream `<method>/<n>` below its caller's.
 *
 * @param rng the first method's stream
 */
export function fusionContext(
  step: Pick<StepContext, "signal" | "progress" | "metrics" | "resolve">,
  rng: Rng,
  givens: FusionGivens,
): FusionContext {
  const { data, base, uses } = givens;
  let trained = false;

  const contextOf = (own: Rng): FusionContext => {
    let calls = 0;
    return {
      rng: own,
      signal: step.signal,
      progress: step.progress,
      metrics: step.metrics,
      ...(data === undefined ? {} : { data }),
      ...(base === undefined ? {} : { base }),
      async train(objective, settings, hooks) {
        if (data === undefined || trained) {
          throw new IsthmusError({
            code: "fusion/training",
            message: trained
              ? "A fusion asked for training a second time."
              : "A fusion asked for training, but its method's `meta.needs` does not name it.",
            hint: "This is a defect of the method: it may train once per fusion, and must say so in `meta.needs`.",
          });
        }
        trained = true;
        return givens.train(objective, settings, hooks);
      },
      async fuse(name, inputs, input = {}) {
        const stream = own.fork(`${name}/${calls++}`);
        if (!uses.includes(name)) {
          throw new IsthmusError({
            code: "fusion/undeclared-use",
            message: `A fusion called the method "${name}", which its own method does not name in \`meta.uses\`.`,
            hint: "This is a defect of the method: results are kept under keys that hold the code of the methods it names.",
          });
        }
        const other = await step.resolve("fusion", name);
        const parsed = other.options.safeParse(input);
        if (!parsed.success) {
          const [issue] = parsed.error.issues;
          throw new IsthmusError({
            code: "options/invalid",
            message: `The fusion method "${name}" was called with wrong options: ${issue?.path.map(String).join(".")}: ${issue?.message}.`,
            hint: "This is a defect of the method that called it.",
          });
        }
        return other.fuse(inputs, parsed.data, contextOf(stream));
      },
    };
  };
  return contextOf(rng);
}
