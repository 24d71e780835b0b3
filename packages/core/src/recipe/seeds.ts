import { IsthmusError } from "../errors/isthmus-error.js";

/**
 * Seeds as written on the command line: `5`, `0,3,7`, `0..4` (both ends included), or several of these.
 *
 * @example parseSeeds("0..2,7") // [0, 1, 2, 7]
 * @throws `recipe/seeds`
 */
export function parseSeeds(text: string): number[] {
  const seeds = text.split(",").flatMap((part) => {
    const match = /^\s*(\d{1,15})(?:\.\.(\d{1,15}))?\s*$/.exec(part);
    const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (match !== null && last - first >= 10_000) {
      throw new IsthmusError({
        code: "recipe/seeds",
        message: `"${text}" names more than 10,000 seeds.`,
        hint: "Name fewer of them.",
      });
    }
    if (match === null || last < first) {
      throw new IsthmusError({
        code: "recipe/seeds",
        message: `"${text}" is not a list of seeds.`,
        hint: "Write integers ≥ 0 of at most 15 digits, separated by commas, or a range: 5, or 0,3,7, or 0..4.",
      });
    }
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return [...new Set(seeds)];
}
