import { IsthmusError } from "@isthmus/core";

/** Seeds of a range at most; more is surely a slip. */
const MOST = 10_000;

function invalid(text: string): IsthmusError {
  return new IsthmusError({
    code: "cli/invalid-seeds",
    message: `--seeds ${text} is not a list of seeds.`,
    hint: "Give whole numbers that are not negative, each once: --seeds 0..4, --seeds 0,2,7 or --seeds 3.",
  });
}

/**
 * Reads `--seeds`: numbers and ranges with both ends, separated by commas.
 *
 * @throws `cli/invalid-seeds`
 * @example parseSeeds("0..2,7") // [0, 1, 2, 7]
 */
export function parseSeeds(text: string): readonly number[] {
  const seeds = text.split(",").flatMap((part) => {
    const match = /^\s*(\d{1,9})\s*(?:\.\.\s*(\d{1,9})\s*)?$/.exec(part);
    if (match === null) throw invalid(text);
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first || last - first >= MOST) throw invalid(text);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  if (new Set(seeds).size !== seeds.length) throw invalid(text);
  return seeds;
}
