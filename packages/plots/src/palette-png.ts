import { crc32, deflateSync } from "node:zlib";

/** An image whose pixels are indices into a palette. */
export interface PaletteImage {
  readonly width: number;
  readonly height: number;
  /** Palette index of each pixel, row by row from the top: `width · height` bytes. */
  readonly pixels: Uint8Array;
  /** Red, green, blue of each entry, 0 to 255; at most 256 entries. */
  readonly palette: readonly (readonly [number, number, number])[];
  /** The entry that is drawn as fully transparent, if any. */
  readonly transparent?: number;
}

/** Encodes an image as PNG with color type 3, 8 bits, no row filter (W3C Portable Network Graphics, third edition). */
export function encodePalettePng({
  width,
  height,
  pixels,
  palette,
  transparent,
}: PaletteImage): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);

  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) {
    rows.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  }
  const alpha = palette.map((_, entry) => (entry === transparent ? 0 : 255));
  return new Uint8Array(
    Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk("IHDR", header),
      chunk("PLTE", Buffer.from(palette.flat())),
      chunk("tRNS", Buffer.from(alpha)),
      chunk("IDAT", deflateSync(rows, { level: 9 })),
      chunk("IEND", Buffer.alloc(0)),
    ]),
  );
}

/** Length, type, data, checksum over type and data. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
