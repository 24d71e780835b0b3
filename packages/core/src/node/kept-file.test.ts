import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeAtomically } from "./atomic-file.js";
import { keepFile } from "./kept-file.js";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-files-"));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

describe("kept files", () => {
  it("stay as they are when a later one has the same name", async () => {
    const first = await keepFile(root, "table.md", "one");
    const second = await keepFile(root, "out/table.md", new TextEncoder().encode("two"));
    expect([basename(first), basename(second)]).toEqual(["table.md", "table.md"]);
    expect(await readFile(first, "utf8")).toBe("one");
    expect(await readFile(second, "utf8")).toBe("two");
    expect(await keepFile(root, "table.md", "one")).toBe(first);
  });
});

describe("writing atomically", () => {
  it("replaces the file and leaves nothing else, however many do it at once", async () => {
    const file = join(root, "deep", "state");
    const contents = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
    await Promise.all(contents.map((content) => writeAtomically(file, content)));
    expect(contents).toContain(await readFile(file, "utf8"));
    expect(await readdir(dirname(file))).toEqual(["state"]);
  });

  it("leaves the old content where it fails", async () => {
    const file = join(root, "state");
    await writeFile(file, "old");
    await expect(writeAtomically(file, 7 as never)).rejects.toThrow();
    expect(await readFile(file, "utf8")).toBe("old");
    expect(await readdir(root)).toEqual(["state"]);
  });
});
