import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { type MlflowClient, metricColumn, type SavedView } from "../index.js";

const view: SavedView = {
  id: "main",
  name: "Comparison",
  columns: [metricColumn("test/acc")],
  sort: { column: metricColumn("test/acc"), ascending: false },
  charts: [{ type: "bar", metric: "test/acc" }],
};
const TAG = "mlflow.sharedViewState.main";

/** Saved views. */
export function viewsSuite(client: () => MlflowClient): void {
  const experiment = () => client().createExperiment(`views ${randomUUID()}`);
  const tagOf = async (id: string) => (await client().getExperiment(id)).tags[TAG] ?? "";

  it("a view is published once, left alone while it is the same, and replaced when it changes", async () => {
    const id = await experiment();
    expect(await client().publishView(id, view)).toBe("published");
    const first = await tagOf(id);
    expect(JSON.parse(first).name).toBe("Comparison");
    expect(await client().publishView(id, view)).toBe("unchanged");
    expect(await tagOf(id)).toBe(first);
    expect(await client().publishView(id, { ...view, name: "Other" })).toBe("published");
    const second = JSON.parse(await tagOf(id));
    expect([second.name, second.createdAt]).toEqual(["Other", JSON.parse(first).createdAt]);
    expect(await client().publishView(id, view)).toBe("published");
  });

  it("a view that a person has changed is kept", async () => {
    const id = await experiment();
    await client().publishView(id, view);
    const edited = JSON.stringify({ ...JSON.parse(await tagOf(id)), name: "Mine" });
    await client().setExperimentTag(id, TAG, edited);
    expect(await client().publishView(id, { ...view, name: "Ours" })).toBe("kept");
    expect(await tagOf(id)).toBe(edited);
  });

  it("a view of the same id that we never published is kept", async () => {
    const id = await experiment();
    await client().setExperimentTag(id, TAG, "theirs");
    expect(await client().publishView(id, view)).toBe("kept");
  });
}
