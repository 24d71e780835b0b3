import { Resvg } from "@resvg/resvg-js";

/** A decoded picture. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha at a pixel, 0 to 255. */
  at(x: number, y: number): readonly number[];
  /** Number of pixels of a color. */
  count(rgb: readonly [number, number, number]): number;
}

/** Width and height from the header chunk of a PNG. */
export function pngSize(png: Uint8Array): readonly [number, number] {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return [view.getUint32(16), view.getUint32(20)];
}

/** Decodes a PNG with resvg's decoder, by drawing it at its own size. */
export function decodePng(png: Uint8Array): Pixels {
  const [width, height] = pngSize(png);
  const href = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}"><image xlink:href="${href}" width="${width}" height="${height}" style="image-rendering: optimizeSpeed"/></svg>`;
  const { pixels } = new Resvg(svg).render();
  const at = (x: number, y: number) => [...pixels.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)];
  return {
    width,
    height,
    at,
    count([red, green, blue]) {
      let found = 0;
      for (let i = 0; i < pixels.length; i += 4) {
        if (pixels[i] === red && pixels[i + 1] === green && pixels[i + 2] === blue) found++;
      }
      return found;
    },
  };
}
