import { expect, it } from "vitest";
import type { MlflowClient } from "../index.js";
import { MLFLOW_VERSION } from "../server/index.js";

/** What the server says about itself. */
export function serverSuite(client: () => MlflowClient): void {
  it("the server is well and says which release and store it is", async () => {
    expect(await client().health()).toBe(true);
    expect(await client().version()).toBe(MLFLOW_VERSION);
    expect(await client().serverInfo()).toMatchObject({ storeType: "SqlStore", workspacesEnabled: false });
  });

  it("a wrong path is told apart from a missing thing", async () => {
    const { MlflowClient: Client } = await import("../index.js");
    const elsewhere = new Client({ trackingUri: `${client().trackingUri}/nowhere`, maxRetries: 0 });
    await expect(elsewhere.getRun("x")).rejects.toMatchObject({ code: "ENDPOINT_NOT_FOUND", status: 404 });
    await expect(client().getRun("x")).rejects.toMatchObject({
      code: "RESOURCE_DOES_NOT_EXIST",
      status: 404,
    });
  });
}
