import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { besides, checkOutput } from "./output-file.js";
import { rowNames } from "./row-names.js";

const cwd = mkdtempSync(join(tmpdir(), "isthmus-output-"));
afterAll(() => rmSync(cwd, { recursive: true }));

describe("a file to write", () => {
  it("gets its folder, may exist, and is left as it is by the check", () => {
    writeFileSync(join(cwd, "old.safetensors"), "old");
    expect(checkOutput("old.safetensors", ["in.safetensors"], cwd)).toBe(join(cwd, "old.safetensors"));
    expect(checkOutput("deep/down/new", [], cwd)).toBe(join(cwd, "deep/down/new"));
    expect(readdirSync(cwd).sort()).toEqual(["deep", "old.safetensors"]);
    expect(readdirSync(join(cwd, "deep/down"))).toEqual([]);
  });

  it("is neither an input, however it is written, nor a folder, nor below a file", () => {
    const refused = (file: string, code: string) =>
      expect(() => checkOutput(file, ["./old.safetensors"], cwd)).toThrowError(
        expect.objectContaining({ code }),
      );
    refused("deep/../old.safetensors", "cli/out-is-input");
    refused("deep", "cli/out-unwritable");
    refused("old.safetensors/x", "cli/out-unwritable");
  });

  it("has its companions beside it", () => {
    expect(besides("a.b/mpf.safetensors", "curve")).toBe("a.b/mpf.curve.safetensors");
    expect(besides("mpf", "curve")).toBe("mpf.curve.safetensors");
  });
});

it("rows are named after files, each differently, and begin with a letter", () => {
  expect(rowNames(["x/a.safetensors", "a.pt", "1.pt", "größe 2.pt", "ot"])).toEqual([
    "a",
    "a-2",
    "net-1",
    "gr--e-2",
    "ot",
  ]);
});
