import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from "yaml";
import type { Located } from "./located.js";
import { type RecipeProblem, recipeError } from "./recipe-error.js";

/**
 * Reads YAML (1.2, one document) into values that know their places. Aliases stand for what their anchors hold; keys are text.
 *
 * @param file name for places, e.g. `recipes/mnist.yaml`
 * @param place names a place (line and column from 1); by default `file:line:column`
 * @throws `recipe/invalid` for every syntax error, alias without an anchor, and value that JSON does not know
 */
export function parseYaml(
  text: string,
  file: string,
  place: (line: number, column: number) => string = (line, column) => `${file}:${line}:${column}`,
): Located {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2" });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return place(line, col);
  };
  const problems: RecipeProblem[] = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    at: at(pos[0]),
    message: message.replace(/; please use .*/, ""),
  }));
  if (problems.length > 0) throw recipeError(file, problems);

  const wrong = (where: string, message: string): Located => {
    problems.push({ at: where, message });
    return { value: null, at: where };
  };
  /** `above`: the nodes that hold this one. */
  const locate = (node: Node | null, fallback: string, above: readonly Node[]): Located => {
    const start = node?.range?.[0];
    const here = start === undefined ? fallback : at(start);
    if (node === null) return { value: null, at: here };
    const within = [...above, node];
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) return wrong(here, `no anchor "&${node.source}" stands before this alias`);
      if (above.includes(target)) return wrong(here, `"&${node.source}" holds this alias of itself`);
      return { ...locate(target, here, within), at: here };
    }
    if (isMap(node)) {
      const entries = (node.items as Pair<Node, Node | null>[]).map(({ key, value }) => {
        const keyPlace = at(key.range?.[0] ?? 0);
        if (!isScalar(key) || key.value === null) wrong(keyPlace, "a key is text");
        const name = String(isScalar(key) ? key.value : key);
        return [name, { key: keyPlace, node: locate(value, keyPlace, within) }] as const;
      });
      return { value: new Map(entries), at: here };
    }
    if (isSeq(node)) {
      return { value: node.items.map((item) => locate(item as Node, here, within)), at: here };
    }
    const value = isScalar(node) ? node.value : undefined;
    if (
      value === null ||
      typeof value === "string" ||
      typeof value === "boolean" ||
      (typeof value === "number" && Number.isFinite(value))
    ) {
      return { value, at: here };
    }
    return wrong(here, `${String(value)} is neither text, finite number, true, false, list nor map`);
  };
  const root = locate(document.contents, at(0), []);
  if (problems.length > 0) throw recipeError(file, problems);
  return root;
}
