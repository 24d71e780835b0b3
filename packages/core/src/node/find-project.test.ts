import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TempProject, tempProject } from "../../test/temp-project.js";
import { findProject, readConfig } from "./find-project.js";

let project: TempProject;

beforeEach(async () => {
  project = await tempProject();
});

afterEach(() => project.remove());

describe("the project of a directory", () => {
  it("is the nearest one upward with a package.json or a config file", async () => {
    const deep = join(project.dir, "a/b/c");
    await mkdir(deep, { recursive: true });
    expect(await findProject(deep)).toBe(project.dir);
    expect(await findProject(project.dir)).toBe(project.dir);
    await project.write("a/isthmus.config.json", {});
    expect(await findProject(deep)).toBe(join(project.dir, "a"));
    await project.write("a/b/isthmus.config.yaml", "");
    expect(await findProject(deep)).toBe(join(project.dir, "a/b"));
  });

  it("is found from a directory that does not exist yet", async () => {
    expect(await findProject(join(project.dir, "not/yet"))).toBe(project.dir);
  });
});

describe("the config file", () => {
  it("may be YAML or JSON, or be missing", async () => {
    expect(await readConfig(project.dir)).toBeUndefined();
    await project.write("isthmus.config.json", { plugins: ["a"] });
    expect(await readConfig(project.dir)).toEqual({
      file: join(project.dir, "isthmus.config.json"),
      values: { plugins: ["a"] },
    });
    await project.write("x/isthmus.config.yaml", "plugins:\n  - a # why not\n");
    expect((await readConfig(join(project.dir, "x")))?.values).toEqual({ plugins: ["a"] });
  });

  it("may be empty", async () => {
    await project.write("isthmus.config.yaml", "# nothing yet\n");
    expect((await readConfig(project.dir))?.values).toEqual({});
  });

  it.each([
    ["isthmus.config.json", "{ plugins: "],
    ["isthmus.config.yaml", "plugins: [a"],
    ["isthmus.config.yaml", "- a\n- b\n"],
    ["isthmus.config.json", '"a"'],
  ])("that cannot be understood is an error with its name: %s %s", async (name, text) => {
    await project.write(name, text);
    const error = expect.objectContaining({
      code: "config/invalid",
      message: expect.stringContaining(join(project.dir, name)),
    });
    await expect(readConfig(project.dir)).rejects.toThrow(error);
  });

  it("must be the only one", async () => {
    await project.write("isthmus.config.json", {});
    await project.write("isthmus.config.yaml", "");
    await expect(readConfig(project.dir)).rejects.toThrow(
      expect.objectContaining({ code: "config/invalid" }),
    );
  });
});
