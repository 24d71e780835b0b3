/** A cell of RFC 4180: quoted where it must be. */
function cell(value: string | number | undefined): string {
  const text = value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lines of cells as CSV (RFC 4180, with `\n`), every number with all its digits; what is undefined is an empty cell. */
export function csvText(lines: readonly (readonly (string | number | undefined)[])[]): string {
  return lines.map((line) => `${line.map(cell).join(",")}\n`).join("");
}
