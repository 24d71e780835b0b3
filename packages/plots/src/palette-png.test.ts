import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodePng } from "../test/pixels.js";
import { encodePalettePng } from "./palette-png.js";

const palette = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
] as const;

describe("encodePalettePng", () => {
  it("is read back by another decoder, row 0 at the top, one entry transparent", () => {
    const pixels = Uint8Array.from([0, 1, 2, 2, 0, 1]);
    const picture = decodePng(encodePalettePng({ width: 3, height: 2, pixels, palette, transparent: 2 }));
    expect([picture.width, picture.height]).toEqual([3, 2]);
    expect(picture.at(0, 0)).toEqual([255, 0, 0, 255]);
    expect(picture.at(1, 0)).toEqual([0, 255, 0, 255]);
    expect(picture.at(2, 0)[3]).toBe(0);
    expect(picture.at(1, 1)).toEqual([255, 0, 0, 255]);
  });

  it("compresses the filter byte and the indices of each row and nothing else", () => {
    const png = Buffer.from(
      encodePalettePng({ width: 2, height: 2, pixels: Uint8Array.of(1, 2, 0, 1), palette }),
    );
    const at = png.indexOf("IDAT");
    const data = png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
    expect([...inflateSync(data)]).toEqual([0, 1, 2, 0, 0, 1]);
  });
});
