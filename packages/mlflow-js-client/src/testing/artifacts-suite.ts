import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MlflowClient } from "../index.js";

/** Artifacts through the tracking server. */
export function artifactsSuite(client: () => MlflowClient): void {
  describe("artifacts", () => {
    let runId: string;
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "mlflow-js-client-artifacts-"));
      const experimentId = await client().createExperiment(`artifacts ${randomUUID()}`);
      runId = (await client().createRun({ experimentId })).runId;
    });
    afterAll(() => rm(folder, { recursive: true }));

    const NAMES = [
      "plain.txt",
      "a b.txt",
      "ü語😀.txt",
      "q?&+=;:'.txt",
      ".hidden",
      "50%.txt",
      "-",
      "~x",
      "a,b@c!(d)[e]{f}",
    ];
    it.each(NAMES)("bytes under the name %j come back", async (name) => {
      const bytes = randomBytes(300);
      await client().uploadArtifact(runId, `names/${name}`, bytes);
      expect(Buffer.from(await client().downloadArtifact(runId, `names/${name}`)).equals(bytes)).toBe(true);
      expect((await client().listArtifacts(runId, "names")).map(({ path }) => path)).toContain(
        `names/${name}`,
      );
    });

    it("text is stored as UTF-8, an empty file stays empty, and a second upload replaces the first", async () => {
      await client().uploadArtifact(runId, "text/note.md", "# größe");
      await client().uploadArtifact(runId, "text/note.md", "# größer");
      await client().uploadArtifact(runId, "text/empty", "");
      expect(Buffer.from(await client().downloadArtifact(runId, "text/note.md")).toString()).toBe("# größer");
      expect(await client().downloadArtifact(runId, "text/empty")).toHaveLength(0);
    });

    it("a folder is stored with its subfolders and listed level by level or at once", async () => {
      const local = join(folder, "tree");
      await mkdir(join(local, "deep", "er"), { recursive: true });
      await writeFile(join(local, "top.txt"), "1");
      await writeFile(join(local, "deep", "mid.txt"), "22");
      await writeFile(join(local, "deep", "er", "low.txt"), "");
      await symlink(local, join(local, "deep", "loop"));
      const stored = await client().uploadArtifactDirectory(runId, local, "tree");
      expect(stored).toEqual(["tree/deep/er/low.txt", "tree/deep/mid.txt", "tree/top.txt"]);
      expect(await client().listArtifacts(runId, "tree")).toEqual([
        { path: "tree/deep", isDirectory: true, size: 0 },
        { path: "tree/top.txt", isDirectory: false, size: 1 },
      ]);
      const all = await client().listArtifacts(runId, "tree", { recursive: true });
      expect(Object.fromEntries(all.map(({ path, size }) => [path, size]))).toEqual({
        "tree/deep/er/low.txt": 0,
        "tree/deep/mid.txt": 2,
        "tree/top.txt": 1,
      });
      expect((await client().listArtifacts(runId)).find(({ path }) => path === "tree")?.isDirectory).toBe(
        true,
      );
      expect(await client().listArtifacts(runId, "no/such")).toEqual([]);
    });

    it("a large file goes up and comes down as a stream", async () => {
      const bytes = randomBytes(5_000_000);
      await writeFile(join(folder, "large.bin"), bytes);
      await writeFile(join(folder, "none.bin"), "");
      await client().uploadArtifactFile(runId, join(folder, "large.bin"));
      await client().uploadArtifactFile(runId, join(folder, "none.bin"), "sub/none.bin");
      await client().downloadArtifactTo(runId, "large.bin", join(folder, "new", "copy.bin"));
      expect((await readFile(join(folder, "new", "copy.bin"))).equals(bytes)).toBe(true);
      expect(await client().downloadArtifact(runId, "sub/none.bin")).toHaveLength(0);
    });

    it("trouble with local files is told apart from trouble with the server", async () => {
      const missing = client().uploadArtifactFile(runId, join(folder, "not there"));
      await expect(missing).rejects.toMatchObject({ code: "LOCAL_FILE", cause: { code: "ENOENT" } });
      await expect(client().uploadArtifactFile(runId, folder)).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
      });
      await client().uploadArtifact(runId, "local", "x");
      await mkdir(join(folder, "taken.part"));
      const blocked = client().downloadArtifactTo(runId, "local", join(folder, "taken"));
      await expect(blocked).rejects.toMatchObject({ code: "LOCAL_FILE", attempts: 1 });
    });

    it("a missing artifact leaves no file behind", async () => {
      const target = join(folder, "missing");
      await mkdir(target);
      const call = client().downloadArtifactTo(runId, "no/such", join(target, "x"));
      await expect(call).rejects.toMatchObject({ code: "RESOURCE_DOES_NOT_EXIST" });
      expect(await readdir(target)).toEqual([]);
    });

    it.each(["../x", "a/../../x", "/x", "%2e%2e/x", "a/%2e%2e/%2e%2e/x", "a#b"])(
      "the path %j is refused",
      async (path) => {
        const refused = { code: "INVALID_ARGUMENT", attempts: 0 };
        await expect(client().uploadArtifact(runId, path, "x")).rejects.toMatchObject(refused);
        await expect(client().downloadArtifact(runId, path)).rejects.toMatchObject(refused);
        await expect(client().listArtifacts(runId, path)).rejects.toMatchObject(refused);
      },
    );

    it("a run that keeps its artifacts elsewhere is refused, for they would get lost", async () => {
      const experimentId = await client().createExperiment(`elsewhere ${randomUUID()}`, {
        artifactLocation: `file://${folder}/elsewhere`,
      });
      const run = await client().createRun({ experimentId });
      const call = client().uploadArtifact(run.runId, "x", "x");
      await expect(call).rejects.toMatchObject({ code: "ARTIFACTS_NOT_PROXIED" });
    });
  });
}
