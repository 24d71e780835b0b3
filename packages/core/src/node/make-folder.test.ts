import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeFolder } from "./make-folder.js";

const root = mkdtempSync(join(tmpdir(), "make-folder-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

it("makes a folder and those above it, and is content with one that is there", () => {
  const folder = join(root, "a", "b", "c");
  makeFolder(folder);
  makeFolder(folder);
  expect(statSync(folder).isDirectory()).toBe(true);
});

it("says which folder can't be made below a file", () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  expect(() => makeFolder(join(file, "below"))).toThrow(/ENOTDIR/);
});

it.runIf(existsSync("/proc/self"))("ends with the system's error in a file system of the kernel's", () => {
  expect(() => makeFolder("/proc/none/such")).toThrow(/ENOENT.*\/proc\/none/);
});
