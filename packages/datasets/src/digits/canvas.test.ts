import { describe, expect, it } from "vitest";
import { draw, erase, SIDE } from "./canvas.js";

const pen = { radius: 1.5, softness: 1, ink: 0.8 };
const row = Float64Array.of(8, 10, 20, 10);
const at = (image: Float32Array, x: number, y: number) => image[y * SIDE + x];

function blank(value = 0): Float32Array {
  return new Float32Array(SIDE * SIDE).fill(value);
}

describe("draw", () => {
  it("covers pixels by their distance from the stroke", () => {
    const image = blank();
    draw(image, row, pen);
    for (let y = 0; y < SIDE; y++) {
      const covered = Math.min(1, Math.max(0, 1.5 - Math.abs(y - 10) + 0.5));
      expect(at(image, 14, y)).toBeCloseTo(0.8 * covered, 6);
    }
  });

  it("ends in a half circle", () => {
    const image = blank();
    draw(image, row, { ...pen, radius: 3 });
    expect(at(image, 23, 10)).toBeCloseTo(0.4, 6);
    expect(at(image, 22, 12)).toBeCloseTo(0.8 * (3 - Math.sqrt(8) + 0.5), 6);
    expect(at(image, 24, 10)).toBe(0);
  });

  it("never darkens what is there", () => {
    const image = blank(0.9);
    draw(image, row, pen);
    expect(image.every((value) => value === Math.fround(0.9))).toBe(true);
  });

  it("clips what leaves the image and marks a single point", () => {
    const image = blank();
    draw(image, Float64Array.of(-50, 5, 50, 5), pen);
    expect([at(image, 0, 5), at(image, SIDE - 1, 5)]).toEqual([Math.fround(0.8), Math.fround(0.8)]);
    draw(image, Float64Array.of(14, 20, 14, 20), pen);
    expect(at(image, 14, 20)).toBeCloseTo(0.8, 6);
  });
});

describe("erase", () => {
  it("blackens what is covered and leaves the rest", () => {
    const image = blank(0.6);
    erase(image, row, pen);
    expect(at(image, 14, 10)).toBe(0);
    expect(at(image, 14, 14)).toBe(Math.fround(0.6));
  });
});
