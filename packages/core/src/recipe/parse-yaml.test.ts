import { describe, expect, it } from "vitest";
import { isIsthmusError } from "../errors/isthmus-error.js";
import { mapOf, plain } from "./located.js";
import { parseYaml } from "./parse-yaml.js";

/** The lines of the error that a text makes. */
function problems(text: string): readonly string[] {
  try {
    parseYaml(text, "r.yaml");
  } catch (error) {
    if (isIsthmusError(error)) {
      expect(error.code).toBe("recipe/invalid");
      return error.message.split("\n");
    }
    throw error;
  }
  return [];
}

describe("YAML", () => {
  it("is read as the plain value it stands for", () => {
    const text = `
a: 5e-4
b: [1, .5, -3, 0x10, true, null, "1", yes]
c: { d: ~, e: }
f: |
  two
  lines
1: one
`;
    expect(plain(parseYaml(text, "r.yaml"))).toEqual({
      a: 0.0005,
      b: [1, 0.5, -3, 16, true, null, "1", "yes"],
      c: { d: null, e: null },
      f: "two\nlines\n",
      "1": "one",
    });
  });

  it("knows where each key and value stands, by line and column from 1", () => {
    const root = parseYaml("# comment\na:\n  bb: [1,\n    two]\n  c: x\n", "dir/r.yaml");
    const a = mapOf(root)?.get("a");
    expect([root.at, a?.key, a?.node.at]).toEqual(["dir/r.yaml:2:1", "dir/r.yaml:2:1", "dir/r.yaml:3:3"]);
    const bb = mapOf(a?.node)?.get("bb");
    expect([bb?.key, bb?.node.at]).toEqual(["dir/r.yaml:3:3", "dir/r.yaml:3:7"]);
    const items = bb?.node.value as readonly { at: string }[];
    expect(items.map(({ at }) => at)).toEqual(["dir/r.yaml:3:8", "dir/r.yaml:4:5"]);
    expect(mapOf(a?.node)?.get("c")?.node.at).toBe("dir/r.yaml:5:6");
  });

  it("that is empty is null", () => {
    expect(parseYaml("# nothing\n", "r.yaml").value).toBe(null);
  });

  it("may be placed otherwise", () => {
    expect(parseYaml("{ a: 1 }", "r.yaml", (line, column) => `${line}/${column}`).at).toBe("1/1");
  });
});

describe("an alias", () => {
  it("stands for what its anchor holds, but where it is written", () => {
    const root = parseYaml("a: &x { b: [1] }\nc: *x\nd: *x\n", "r.yaml");
    expect(plain(root)).toEqual({ a: { b: [1] }, c: { b: [1] }, d: { b: [1] } });
    expect(mapOf(root)?.get("d")?.node.at).toBe("r.yaml:3:4");
  });

  it("without an anchor before it is an error", () => {
    expect(problems("a: *x\nb: &x 1\n")).toEqual(['r.yaml:1:4: no anchor "&x" stands before this alias']);
  });

  it("within its own anchor is an error, at whatever depth", () => {
    expect(problems("a: &x\n  b:\n    - *x\n")).toEqual(['r.yaml:3:7: "&x" holds this alias of itself']);
    expect(problems("a: &x { b: &y { c: *x } }\n")).toEqual(['r.yaml:1:20: "&x" holds this alias of itself']);
  });
});

describe("a mistake in YAML", () => {
  it.each([
    ["a list that is not closed", "a: [1,\n  2\nb: 3\n", ["r.yaml:3:1:"]],
    ["a key that stands twice", "a: 1\nb: 2\na: 3\n", ["r.yaml:3:1: Map keys must be unique"]],
    ["a key that stands twice further down", "a:\n  b: 1\n  c: { d: 1, d: 2 }\n", ["r.yaml:3:14: Map keys"]],
    ["a tab as indentation", "a:\n\tb: 1\n", ["r.yaml:2:1: Tabs are not allowed as indentation"]],
    ["a tag that is unknown", "a: 1\nb: !file x\n", ["r.yaml:2:4: Unresolved tag: !file"]],
    ["a second document", "a: 1\n---\nb: 2\n", ["r.yaml:2:1: Source contains multiple documents"]],
    ["a key that is a list", "a: 1\n[b, c]: 2\n", ["r.yaml:2:1: a key is text"]],
    ["a key that is missing", "a: 1\n: 2\n", ["r.yaml:2:1: a key is text"]],
    ["a number that JSON does not know", "a: [.nan]\n", ["r.yaml:1:5: NaN is neither"]],
  ])("is told with its place: %s", (_, text, expected) => {
    const found = problems(text);
    for (const [i, beginning] of expected.entries()) expect(found[i]).toContain(beginning);
  });

  it("does not hide the next one", () => {
    expect(problems("a: *x\nb: .inf\nc: *y\n").map((line) => line.slice(0, 11))).toEqual([
      "r.yaml:1:4:",
      "r.yaml:2:4:",
      "r.yaml:3:4:",
    ]);
  });
});
