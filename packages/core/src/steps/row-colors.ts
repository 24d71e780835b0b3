/**
 * Eight colors that people with any kind of color vision can tell apart (Okabe & Ito 2008, "Color Universal Design"),
 * those that stand out from a white page first.
 */
export const ROW_COLORS: readonly string[] = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#000000",
  "#f0e442",
];

/** A color for each row of a table, in order; after the eighth they begin again. */
export function rowColors(rows: Iterable<string>): ReadonlyMap<string, string> {
  return new Map([...new Set(rows)].map((row, i) => [row, ROW_COLORS[i % ROW_COLORS.length] as string]));
}
