import { describe, expect, it } from "vitest";
import { parseReference } from "./parse-reference.js";

describe("a name with options", () => {
  it("is a name alone, or a name and a map of YAML behind it", () => {
    expect(parseReference("mnist", "--dataset")).toEqual({ name: "mnist", options: {} });
    expect(parseReference(" mlp{hidden: [8, 4], bias: true} ", "--arch")).toEqual({
      name: "mlp",
      options: { hidden: [8, 4], bias: true },
    });
    expect(parseReference("special-class {class: 4, share: .1, of: {a: ~}}", "--partition").options).toEqual({
      class: 4,
      share: 0.1,
      of: { a: null },
    });
  });

  it.each([
    ["mlp {hidden: [8}", /^--arch mlp \{hidden: \[8\}: .+/],
    ["mlp [8]", /not a name with options/],
    ["mlp {} {}", /^--arch mlp/],
    ["", /not a name with options/],
  ])("is refused as %j, with what is wrong", (text, message) => {
    expect(() => parseReference(text, "--arch")).toThrowError(
      expect.objectContaining({
        code: "options/unreadable",
        message: expect.stringMatching(message),
        hint: expect.stringContaining("--arch 'name {key: value"),
      }),
    );
  });
});
