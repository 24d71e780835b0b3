import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fakeCode, fakePorts, toyPlan } from "../../test/fake-project.js";
import type { Plan } from "../contracts/experiment.js";
import { planKeys } from "./plan-keys.js";
import type { KeyPorts, StepStore } from "./ports.js";

const noStore = {} as StepStore;
const plan = toyPlan({ methods: ["avg", "ot"] });

async function keys(changes: Partial<KeyPorts> = {}, of: Plan = plan): Promise<Record<string, string>> {
  const steps = await planKeys(of, fakePorts(noStore, undefined, changes));
  return Object.fromEntries([...steps].map(([id, { key }]) => [id, key]));
}

/** Ids of the steps whose keys a change makes new. */
async function changed(changes: Partial<KeyPorts>, of: Plan = plan): Promise<readonly string[]> {
  const [before, after] = [await keys(), await keys(changes, of)];
  return Object.keys(after).filter((id) => before[id] !== after[id]);
}

const everything = plan.steps.map(({ id }) => id);
const editing = (file: string) => ({ code: fakeCode({ [file]: "edited" }) });

describe("keys of steps", () => {
  it("are the same for the same plan, and differ between its steps", async () => {
    expect(await keys()).toEqual(await keys());
    expect(new Set(Object.values(await keys())).size).toBe(plan.steps.length);
  });

  it("are SHA-256 of the description's JSON with sorted keys", async () => {
    const { description, key } = (await planKeys(plan, fakePorts(noStore))).get("a 0") ?? {};
    const sorted = JSON.stringify(description, (_, value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(
            Object.keys(value)
              .sort()
              .map((name) => [name, value[name]]),
          )
        : value,
    );
    expect(createHash("sha256").update(sorted).digest("hex")).toBe(key);
  });

  it("change with a method's code for its steps and what depends on them, for no other", async () => {
    expect(await changed(editing("fusion/ot"))).toEqual(["ot 0", "evaluate ot 0"]);
  });

  it("change with the code of a step kind for its steps and what depends on them", async () => {
    expect(await changed(editing("step/evaluate"))).toEqual(
      everything.filter((id) => id.startsWith("evaluate")),
    );
    expect(await changed(editing("step/fuse"))).toEqual(["avg 0", "evaluate avg 0", "ot 0", "evaluate ot 0"]);
  });

  it("change everywhere with the architecture, the data set's code and the numerics", async () => {
    for (const file of ["architecture/toy", "dataset/dots", "numerics"]) {
      expect(await changed(editing(file))).toEqual(everything);
    }
  });

  it("don't change with code that is not used", async () => {
    expect(await changed(editing("fusion/other"))).toEqual([]);
  });

  it("change with backend, threads and library", async () => {
    for (const change of [{ backend: "wasm" }, { threads: 2 }, { version: "tfjs 5" }]) {
      const engine = { backend: "cpu", threads: 1, version: "tfjs 4", ...change };
      expect(await changed({ engine })).toEqual(everything);
    }
  });

  it("change with the digest of the data", async () => {
    const { datasets } = fakePorts(noStore);
    const other = { ...datasets, digest: async () => "other" };
    expect(await changed({ datasets: other })).toEqual(everything);
  });

  it("change with the seed of one training for what comes from it", async () => {
    const reseeded = {
      ...plan,
      steps: plan.steps.map((step) =>
        step.id === "b 0" ? { ...step, options: { ...step.options, seed: 9 } } : step,
      ),
    };
    expect(await changed({}, reseeded)).toEqual(
      everything.filter((id) => !["a 0", "evaluate a 0"].includes(id)),
    );
  });

  it("change with the order in which inputs are read", async () => {
    const swapped = {
      ...plan,
      steps: plan.steps.map((step) =>
        step.id === "ot 0" ? { ...step, inputs: { networks: ["b 0", "a 0"] } } : step,
      ),
    };
    expect(await changed({}, swapped)).toEqual(["ot 0", "evaluate ot 0"]);
  });

  it("don't change with ids, versions, or the order of options", async () => {
    const renamed = {
      networks: [],
      steps: plan.steps.map(({ id, kind, options, inputs }) => ({
        id: `x ${id}`,
        kind,
        options: Object.fromEntries(Object.entries(options).reverse()),
        inputs: Object.fromEntries(
          Object.entries(inputs).map(([name, ids]) => [name, ids.map((each) => `x ${each}`)]),
        ),
      })),
    };
    const { host } = fakePorts(noStore);
    const updated = { ...host, origin: () => ({ plugin: "toys", version: "9.9.9", file: "/elsewhere.js" }) };
    expect(Object.values(await keys({ host: updated }, renamed))).toEqual(Object.values(await keys()));
  });

  it("come with versions and data for provenance", async () => {
    const steps = await planKeys(plan, fakePorts(noStore));
    expect(steps.get("a 0")).toMatchObject({
      plugins: { toys: "1.2.3" },
      dataset: { name: "dots", options: { version: 1 }, digest: expect.stringMatching(/^dots-1-/) },
    });
    expect(steps.get("ot 0")?.dataset).toBeUndefined();
  });

  it.each([
    ["a step that is planned twice", [plan.steps[0], plan.steps[0]], /"a 0".*same id/],
    [
      "an input that comes later",
      [plan.steps[1], plan.steps[0]],
      /"evaluate a 0".*"a 0" is not a step before it/,
    ],
    ["invalid options", [{ ...plan.steps[0], options: { seed: "x" } }], /"a 0".*option seed is not valid/],
  ])("are refused for %s", async (_what, steps, message) => {
    const error = await keys({}, { steps, networks: [] } as unknown as Plan).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "plan/invalid", message: expect.stringMatching(message) });
  });
});
