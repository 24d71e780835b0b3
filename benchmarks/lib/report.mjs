// The pure half of benchmarks/results.md: numbers, tables, ratios with their targets, sections that replace earlier ones.

/** Number of digits after the point that leave three significant ones, two at most. */
const digits = (value) => (value < 10 ? 2 : value < 100 ? 1 : 0);

/** `1 thread`, `2 threads` */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** A number for a table; a dash where nothing was measured. */
export function figure(value) {
  return value === undefined ? "–" : value.toFixed(digits(value));
}

/** A Markdown table; the first column is left-aligned, the others right-aligned, and padded as the formatter would. */
export function table(header, rows) {
  const widths = header.map((_, i) => Math.max(4, ...[header, ...rows].map((row) => row[i].length)));
  const line = (cells) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(" | ")} |`;
  const rule = widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(header), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

/** A value beside its limit: bold where it misses, a dash where one of the two times is missing. */
export function ratioCell(value, { atMost = Number.POSITIVE_INFINITY, atLeast = 0 }) {
  if (!Number.isFinite(value)) return "–";
  const text = value.toFixed(value < 10 ? 2 : 1);
  return value <= atMost && value >= atLeast ? text : `**${text}**`;
}

/** The smallest of the times that are there; undefined where none is. */
export function least(values) {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

const PREAMBLE = `# Speed

What \`npm run bench\` measured; every part says on what machine, when and how. Only ratios within one part compare: its
configurations took turns on the same machine.
`;

/** Sections of a page by their titles, in order. */
export function sectionsOf(page) {
  return new Map(
    page
      .split(/^(?=## )/m)
      .filter((text) => text.startsWith("## "))
      .map((text) => [text.slice(3, text.indexOf("\n")), text.slice(text.indexOf("\n") + 1).trim()]),
  );
}

/**
 * The page with some sections measured anew; those that were not keep what was said of them.
 *
 * @param page the page before, empty the first time
 * @param measured title → body
 * @param order titles in the order of the page; others follow
 */
export function mergeSections(page, measured, order) {
  const all = new Map([...sectionsOf(page), ...measured]);
  const titles = [
    ...order.filter((title) => all.has(title)),
    ...[...all.keys()].filter((t) => !order.includes(t)),
  ];
  return [PREAMBLE, ...titles.map((title) => `## ${title}\n\n${all.get(title)}\n`)].join("\n");
}
