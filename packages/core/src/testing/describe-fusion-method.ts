import { describe, expect, it } from "vitest";
import type { FusionInput, FusionMethod, FusionResult } from "../contracts/fusion.js";
import { isIsthmusError } from "../errors/isthmus-error.js";
import { checkParams, sameBits } from "../numerics/params.js";
import { Rng } from "../numerics/rng.js";
import { permuteUnits } from "../numerics/symmetry.js";
import { toyContext, toyData, toyInputs } from "./fixtures.js";
import { copyParams, largestDifference, leakedTensors, logitsOf } from "./measure.js";

/** How a method is to be tried. */
export interface DescribeFusionOptions {
  /** Options as a recipe would give them; `{}` by default. Keep training short. */
  readonly options?: unknown;
  /** True for methods that align hidden units: the order of the first network's units must then not matter. */
  readonly alignment?: boolean;
  /** Largest difference of logits that counts as equal; 1e-4 by default. */
  readonly tolerance?: number;
}

const withParams = (input: FusionInput, params: FusionInput["params"]): FusionInput => ({ ...input, params });

/**
 * The laws of a fusion method, as vitest tests:
 * identity (as `meta.laws.identity` says), inputs untouched, same seed same bits, finite and fitting weights,
 * no tensor left behind, options checked, abort heeded, and for alignment methods invariance to the order of hidden units.
 * The method is given what `meta.needs` names, nothing else.
 *
 * @example
 * describeFusionMethod(median, { options: { iterations: 3 } });
 */
export function describeFusionMethod<Options>(
  method: FusionMethod<Options>,
  { options: input = {}, alignment = false, tolerance = 1e-4 }: DescribeFusionOptions = {},
): void {
  const options = (): Options => {
    const parsed = method.options.safeParse(input);
    if (!parsed.success)
      throw new Error(`The options to test with are not valid: ${JSON.stringify(parsed.error.issues)}`);
    return parsed.data;
  };
  const { needs } = method.meta;
  const fuse = (inputs: readonly FusionInput[], seed = 0): Promise<FusionResult> =>
    method.fuse(inputs, options(), toyContext({ seed, needs }));

  describe(`fusion method ${method.meta.name}`, () => {
    if (method.meta.laws.identity !== "none") {
      it(`fusing a network with itself gives it back (${method.meta.laws.identity})`, async () => {
        const [first] = toyInputs(1);
        const half = { ...first, weight: 0.5 };
        const fused = await fuse([half, half]);
        if (method.meta.laws.identity === "exact") expect(sameBits(fused.params, first.params)).toBe(true);
        const data = toyData(1, 30);
        const difference = largestDifference(
          await logitsOf(fused.model, fused.params, data),
          await logitsOf(first.model, first.params, data),
        );
        expect(difference).toBeLessThan(tolerance);
      });
    }

    it("leaves its inputs untouched", async () => {
      const inputs = toyInputs();
      const copies = inputs.map(({ params }) => copyParams(params));
      await fuse(inputs);
      inputs.forEach(({ params }, i) => {
        expect(sameBits(params, copies[i])).toBe(true);
      });
    });

    it("gives the same bits for the same seed, whatever ran before", async () => {
      const once = await fuse(toyInputs());
      await fuse(toyInputs(2, 7), 5);
      const again = await fuse(toyInputs());
      expect(sameBits(once.params, again.params)).toBe(true);
    });

    it("gives finite weights that fit the model", async () => {
      const { model, params } = await fuse(toyInputs());
      checkParams(model, params, method.meta.name);
      for (const { data } of params.values()) expect(data.every(Number.isFinite)).toBe(true);
    });

    it("leaves no tensor behind", async () => {
      await fuse(toyInputs());
      expect(await leakedTensors(() => fuse(toyInputs()))).toBe(0);
    });

    it("describes its options and refuses unknown ones", () => {
      expect(method.options.jsonSchema).toMatchObject({ type: "object" });
      const parsed = method.options.safeParse({ ...(input as object), "no such option": 1 });
      expect(parsed.success).toBe(false);
    });

    it("says in one sentence what it does", () => {
      expect(method.meta.description).toMatch(/^[^.]+\.$/);
    });

    it("stops when it is told to", async () => {
      const signal = AbortSignal.abort("test");
      const error = await method.fuse(toyInputs(), options(), toyContext({ signal, needs })).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(isIsthmusError(error) && error.code).toBe("run/aborted");
    });

    if (alignment) {
      it("does not care about the order of the first network's hidden units", async () => {
        const [a, b] = toyInputs();
        const orders = new Map(
          a.model.symmetry.map(({ name, size }) => [name, Rng.seed(3).fork(name).permutation(size)]),
        );
        const fused = await fuse([a, b]);
        const fusedPermuted = await fuse([withParams(a, permuteUnits(a.model, a.params, orders)), b]);
        const data = toyData(1, 30);
        const difference = largestDifference(
          await logitsOf(fused.model, fused.params, data),
          await logitsOf(fusedPermuted.model, fusedPermuted.params, data),
        );
        expect(difference).toBeLessThan(tolerance);
      });
    }
  });
}
