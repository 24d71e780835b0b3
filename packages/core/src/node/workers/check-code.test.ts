import { describe, expect, it } from "vitest";
import { fakeCode, fakeHost, fakePorts, toyPlan } from "../../../test/fake-project.js";
import { planKeys } from "../../steps/plan-keys.js";
import { checkCode } from "./check-code.js";

const host = fakeHost(() => {});
const steps = async () => [...(await planKeys(toyPlan(), fakePorts({} as never))).values()];

describe("the code of a step in a worker", () => {
  it("is what the step's key was made from", async () => {
    for (const step of await steps()) await checkCode(step, { host, code: fakeCode() });
  });

  it("is refused where it was edited since, and only by the steps that it concerns", async () => {
    const code = fakeCode({ "fusion/avg": "edited" });
    for (const step of await steps()) {
      const checked = checkCode(step, { host, code });
      if (step.kind !== "fuse") await checked;
      else await expect(checked).rejects.toMatchObject({ code: "step/code-changed", message: /"avg"/ });
    }
    const [first] = await steps();
    await expect(
      checkCode(first as never, { host, code: fakeCode({ numerics: "edited" }) }),
    ).rejects.toMatchObject({
      message: "the code of core's numerics was changed while the run was under way.",
    });
  });
});
