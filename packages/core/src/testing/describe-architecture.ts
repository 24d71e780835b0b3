import { beforeAll, describe, expect, it } from "vitest";
import type { Architecture } from "../contracts/architecture.js";
import type { TaskShape } from "../contracts/model.js";
import { useBackend } from "../numerics/engine/engine.js";
import { checkParams } from "../numerics/params.js";
import { Rng } from "../numerics/rng.js";
import { architectureCase, logitsIn } from "./architecture-case.js";
import { architectureStatisticsLaws } from "./architecture-statistics-laws.js";
import { architectureSymmetryLaws } from "./architecture-symmetry-laws.js";
import { architectureTorchLaws } from "./architecture-torch-laws.js";
import { architectureTrainingLaws } from "./architecture-training-laws.js";
import { largestDifference, logitsOf } from "./measure.js";
import { stackLogits } from "./stack-logits.js";

/** How an architecture is to be tried. */
export interface DescribeArchitectureOptions {
  /** Options as a recipe would give them; choose a small network. */
  readonly options?: unknown;
  /** 8×8 gray images of 4 classes by default. */
  readonly task?: TaskShape;
}

/**
 * The laws of an architecture, as vitest tests: rebuilt from its spec it is the same; logits have the right shape, are
 * finite and don't depend on the batch; its symmetry fits the parameters and leaves the function unchanged, also while training; `tap`
 * sees every group, permuted as its units are, and changes nothing; where it describes itself as a stack, the stack is the same
 * function; gradients agree with finite differences; running statistics move, and show the batch's own while they are estimated; PyTorch's tensors of it tell its options; nothing leaks.
 */
export function describeArchitecture<Options>(
  architecture: Architecture<Options>,
  { options: input = {}, task = { inputShape: [8, 8, 1], classes: 4 } }: DescribeArchitectureOptions = {},
): void {
  const tried = architectureCase(architecture, input, task);
  const { model, fresh, params, data } = tried;

  describe(`architecture ${architecture.name} ${JSON.stringify(input)}`, () => {
    beforeAll(async () => {
      await useBackend("wasm");
    });

    it("is rebuilt from its own spec", () => {
      const spec = JSON.parse(JSON.stringify(model.spec)) as typeof model.spec;
      const options = architecture.options.safeParse(spec.options);
      expect(options.success).toBe(true);
      if (!options.success) return;
      const rebuilt = architecture.build(options.data, spec.task);
      expect(rebuilt.parameters).toEqual(model.parameters);
      expect(rebuilt.symmetry).toEqual(model.symmetry);
      expect(rebuilt.stack).toEqual(model.stack);
      expect(rebuilt.torch).toEqual(model.torch);
    });

    it("has fresh weights of the right shapes", () => {
      checkParams(model, fresh, architecture.name);
    });

    it("gives finite logits of shape [batch, classes], image by image", async () => {
      const logits = await logitsOf(model, params, data);
      expect(logits).toHaveLength(data.count * task.classes);
      expect(logits.every(Number.isFinite)).toBe(true);
      for (let i = 0; i < data.count; i++) {
        const alone = await logitsOf(model, params, data.subset([i]));
        expect(
          largestDifference(alone, logits.subarray(i * task.classes, (i + 1) * task.classes)),
        ).toBeLessThan(1e-4);
      }
    });

    it.runIf(model.stack !== undefined)("is the stack it describes, also while training", () => {
      const { images } = data.batch([...Array(data.count).keys()]);
      const expected = stackLogits(model.stack ?? [], params, images);
      for (const training of [false, true]) {
        const logits = logitsIn(model, params, data, { training, rng: Rng.seed(2) });
        expect(largestDifference(logits, expected), `training: ${training}`).toBeLessThan(1e-5);
      }
    });

    architectureSymmetryLaws(tried);
    architectureTrainingLaws(tried);
    architectureStatisticsLaws(tried);
    architectureTorchLaws(tried);
  });
}
