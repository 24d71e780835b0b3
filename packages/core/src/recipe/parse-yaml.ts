import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
} from "yaml";
import type { Located } from "./located.js";
import { type RecipeProblem, recipeError } from "./recipe-error.js";

/**
 * Reads YAML into values that know their places.
 *
 * @param file name for places, e.g. `recipes/mnist.yaml`
 * @throws `recipe/invalid` for every syntax error, with line and column
 */
export function parseYaml(text: string, file: string): Located {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: "1.2" });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const problems: RecipeProblem[] = document.errors.map(({ message, pos }) => ({
    at: at(pos[0]),
    message: message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "") ?? message,
  }));
  if (problems.length > 0) throw recipeError(file, problems);

  const locate = (node: Node | null, fallback: string): Located => {
    const place = (node as ParsedNode | null)?.range ? at((node as ParsedNode).range[0]) : fallback;
    if (isAlias(node)) return { ...locate(node.resolve(document) as Node, place), at: place };
    if (isMap(node)) {
      const entries = node.items.map(({ key, value }) => {
        const keyPlace = at((key as ParsedNode).range[0]);
        const name = String(isScalar(key) ? key.value : key);
        return [name, { key: keyPlace, node: locate(value as Node | null, keyPlace) }] as const;
      });
      return { value: new Map(entries), at: place };
    }
    if (isSeq(node)) return { value: node.items.map((item) => locate(item as Node, place)), at: place };
    const value = isScalar(node) ? node.value : null;
    if (
      value === null ||
      typeof value === "string" ||
      typeof value === "number" ||
      typeof value === "boolean"
    ) {
      return { value, at: place };
    }
    throw recipeError(file, [
      { at: place, message: `${String(value)} is neither text, number, true, false, list nor map` },
    ]);
  };
  return locate(document.contents, at(0));
}
