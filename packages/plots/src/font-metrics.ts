/** How wide a font sets its characters. */
export interface FontMetrics {
  /** Width of `text` at `size` px, in px: the sum of the advance widths, without kerning. */
  width(text: string, size: number): number;
}

interface Glyphs {
  readonly first: number;
  readonly last: number;
  readonly glyph: number;
}

/**
 * Reads the advance widths out of a TrueType font: tables `head`, `hhea`, `hmtx` and a `cmap` of format 12
 * (OpenType specification 1.9.1). Characters that the font lacks are as wide as its `.notdef` glyph.
 *
 * @throws Error where a table is missing: the bytes are not a font this package can measure with.
 */
export function readFontMetrics(bytes: Uint8Array): FontMetrics {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = tableOffset(view, "head");
  const hhea = tableOffset(view, "hhea");
  const hmtx = tableOffset(view, "hmtx");
  const unitsPerEm = view.getUint16(head + 18);
  const measured = view.getUint16(hhea + 34);
  const groups = characterGroups(view, tableOffset(view, "cmap"));

  const advance = (codePoint: number): number => {
    const group = groups.find(({ first, last }) => codePoint >= first && codePoint <= last);
    const glyph = group === undefined ? 0 : group.glyph + codePoint - group.first;
    return view.getUint16(hmtx + 4 * Math.min(glyph, measured - 1));
  };
  const known = new Map<string, number>();
  return {
    width(text, size) {
      let units = 0;
      for (const character of text) {
        const advanced = known.get(character) ?? advance(character.codePointAt(0) as number);
        known.set(character, advanced);
        units += advanced;
      }
      return (units * size) / unitsPerEm;
    },
  };
}

function tableOffset(view: DataView, tag: string): number {
  const count = view.getUint16(4);
  for (let i = 0; i < count; i++) {
    const record = 12 + 16 * i;
    const name = String.fromCharCode(...[0, 1, 2, 3].map((k) => view.getUint8(record + k)));
    if (name === tag) return view.getUint32(record + 8);
  }
  throw new Error(`The font has no "${tag}" table.`);
}

function characterGroups(view: DataView, cmap: number): readonly Glyphs[] {
  const count = view.getUint16(cmap + 2);
  for (let i = 0; i < count; i++) {
    const table = cmap + view.getUint32(cmap + 4 + 8 * i + 4);
    if (view.getUint16(table) !== 12) continue;
    return Array.from({ length: view.getUint32(table + 12) }, (_, g) => {
      const group = table + 16 + 12 * g;
      return {
        first: view.getUint32(group),
        last: view.getUint32(group + 4),
        glyph: view.getUint32(group + 8),
      };
    });
  }
  throw new Error(`The font's "cmap" table has no subtable of format 12.`);
}
