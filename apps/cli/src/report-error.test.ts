import { IsthmusError } from "@isthmus/core";
import { CommanderError } from "commander";
import pc from "picocolors";
import { describe, expect, it } from "vitest";
import { exitCodeOf, Failure } from "./failure.js";
import { describeError } from "./report-error.js";

const colors = pc.createColors(false);

const known = new IsthmusError({
  code: "recipe/invalid",
  message: "r.yaml:3:1: unknown key",
  hint: "Remove it.",
  cause: new RangeError("deep inside"),
});

describe("an error", () => {
  it("of ours is told with its hint and code, and nothing of the program", () => {
    expect(describeError(known, colors, false)).toEqual([
      "error: r.yaml:3:1: unknown key",
      "hint: Remove it.",
      "code: recipe/invalid",
    ]);
  });

  it("tells stack and causes when asked", () => {
    const text = describeError(new Failure(known, 1), colors, true).join("\n");
    expect(text).toContain("report-error.test");
    expect(text).toContain("caused by: RangeError: deep inside");
  });

  it("of others is called a defect, to be reported", () => {
    const text = describeError(new TypeError("x is not a function"), colors, false).join("\n");
    expect(text).toContain("error: x is not a function");
    expect(text).toContain("--debug");
    expect(text).not.toContain("    at ");
  });

  it("may be anything", () => {
    expect(describeError("torn", colors, true)[0]).toBe("error: torn");
    expect(describeError(null, colors, true)[0]).toBe("error: null");
  });
});

describe("the exit code", () => {
  it("is 2 for a wrong request, 1 for what fails, 0 for help", () => {
    const code = (name: string) => exitCodeOf(new IsthmusError({ code: name, message: "" }));
    expect(code("recipe/invalid")).toBe(2);
    expect(code("cli/invalid-seeds")).toBe(2);
    expect(code("engine/unknown-backend")).toBe(2);
    expect(code("plugin/unknown-name")).toBe(2);
    expect(code("train/diverged")).toBe(1);
    expect(code("data/download-failed")).toBe(1);
    expect(exitCodeOf(new TypeError(""))).toBe(1);
    expect(exitCodeOf(new CommanderError(1, "commander.unknownOption", ""))).toBe(2);
    expect(exitCodeOf(new CommanderError(0, "commander.helpDisplayed", ""))).toBe(0);
    expect(exitCodeOf(new Failure(known, 130))).toBe(130);
  });
});
