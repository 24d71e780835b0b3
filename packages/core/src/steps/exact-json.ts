/** Numbers that JSON does not have, by the text they are kept as. */
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

/** What `JSON.stringify` would lose becomes `{"$number": "NaN"}`. */
function protect(_key: string, value: unknown): unknown {
  if (typeof value !== "number") return value;
  if (Object.is(value, -0)) return { $number: "-0" };
  return Number.isFinite(value) ? value : { $number: String(value) };
}

function restore(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { $number, ...others } = value as { $number?: unknown };
  const special = typeof $number === "string" ? SPECIAL.get($number) : undefined;
  return special === undefined || Object.keys(others).length > 0 ? value : special;
}

/** JSON text that keeps every number, NaN, ±Infinity and -0 included; {@link parseExact} reads it. */
export function stringifyExact(value: unknown, indent?: number): string {
  return JSON.stringify(value, protect, indent);
}

/** Reads what {@link stringifyExact} wrote, and any other JSON. Throws a SyntaxError as `JSON.parse` does. */
export function parseExact(text: string): unknown {
  return JSON.parse(text, restore);
}

/**
 * The one text of a JSON value: keys sorted by code unit, no spaces, numbers as in {@link stringifyExact}. Two values have
 * the same text exactly when they are equal, whatever the order of their keys.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (key, each) => {
    const kept = protect(key, each);
    if (typeof kept !== "object" || kept === null || Array.isArray(kept)) return kept;
    return Object.fromEntries(Object.entries(kept).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
