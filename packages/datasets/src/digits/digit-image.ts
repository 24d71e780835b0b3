import type { Rng } from "@isthmus/core";
import { draw, erase, type Pen, SIDE } from "./canvas.js";
import { GLYPHS, type Stroke } from "./glyphs.js";
import { polyline } from "./polyline.js";
import { between, randomWarp } from "./warp.js";

/** How far a point of a glyph moves at most, in heights of the digit. */
const JITTER = 0.05;
const NOISE = 32;

function shaky(stroke: Stroke, rng: Rng): Stroke {
  return { ...stroke, points: stroke.points.map((value) => value + between(rng, -JITTER, JITTER)) };
}

/** A short, thin stroke anywhere in the image. */
function scratch(rng: Rng): Float64Array {
  const [x, y] = [between(rng, 0, SIDE), between(rng, 0, SIDE)];
  return Float64Array.of(x, y, x + between(rng, -7, 7), y + between(rng, -7, 7));
}

function randomPen(rng: Rng): Pen {
  return { radius: between(rng, 0.7, 1.7), softness: between(rng, 0.8, 2), ink: between(rng, 0.65, 1) };
}

/** Adds uniform noise on ±{@link NOISE} to pixels scaled to 0…255, rounded and clamped; one draw of 32 bits serves four pixels. */
function withNoise(image: Float32Array, rng: Rng, out: Uint8Array): void {
  const step = (2 * NOISE) / 255;
  for (let i = 0; i < image.length; i += 4) {
    const bits = rng.bits();
    for (let k = 0; k < 4; k++) {
      const value = image[i + k] * 255 + ((bits >>> (8 * k)) & 255) * step - NOISE;
      out[i + k] = value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value);
    }
  }
}

/**
 * Writes one random image of `digit` (0…9) into `out`, {@link SIDE}² bytes, white on black: a glyph with shaky points under a
 * random warp and pen; up to two faint scratches; in one image of four a wiped line; noise.
 */
export function writeDigit(digit: number, rng: Rng, out: Uint8Array): void {
  const glyphs = GLYPHS[digit];
  const glyph = glyphs[rng.int(glyphs.length)];
  const warp = randomWarp(rng);
  const pen = randomPen(rng);
  const image = new Float32Array(SIDE * SIDE);
  for (const stroke of glyph) {
    const path = polyline(shaky(stroke, rng));
    warp(path);
    draw(image, path, pen);
  }
  if (rng.uniform() < 0.25) erase(image, scratch(rng), { radius: 0.8, softness: 1, ink: 1 });
  for (let count = rng.int(3); count > 0; count--) {
    draw(image, scratch(rng), { radius: 0.5, softness: 1.2, ink: between(rng, 0.3, 0.8) });
  }
  withNoise(image, rng, out);
}
