import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseIdx } from "./idx.js";

/** An IDX file of unsigned bytes, put together byte by byte. */
function idx(sizes: readonly number[], values: ArrayLike<number>): Uint8Array {
  const header = sizes.flatMap((size) => [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255]);
  return Uint8Array.from([0, 0, 8, sizes.length, ...header, ...Array.from(values)]);
}

const images = idx([2, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]);
const labels = idx([3], [7, 0, 9]);

describe("parseIdx", () => {
  it("gives the values after the header", () => {
    expect([...parseIdx(images, [2, 2, 3], "f")]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]);
    expect([...parseIdx(labels, [3], "f")]).toEqual([7, 0, 9]);
  });

  it("reads a file that lies inside of a larger buffer", () => {
    const padded = new Uint8Array(labels.length + 8);
    padded.set(labels, 5);
    expect([...parseIdx(padded.subarray(5, 5 + labels.length), [3], "f")]).toEqual([7, 0, 9]);
  });

  it("reads sizes as four big-endian bytes", () => {
    const many = idx([70000], new Uint8Array(70000).fill(3));
    expect(parseIdx(many, [70000], "f")).toHaveLength(70000);
  });

  it("refuses a file cut off anywhere, naming it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: images.length - 1 }), (length) => {
        expect(() => parseIdx(images.subarray(0, length), [2, 2, 3], "dir/images")).toThrow(
          /^dir\/images is cut off/,
        );
      }),
    );
  });

  it.each<[string, Uint8Array, number[], RegExp]>([
    [
      "too long",
      Uint8Array.of(...labels, 1),
      [3],
      /^f is too long: it has 4 bytes after its header, which announces 3/,
    ],
    ["labels instead of images", labels, [3, 28, 28], /^f holds 3 labels; 3 images of 28 × 28 are expected/],
    ["images instead of labels", images, [2], /^f holds 2 images of 2 × 3; 2 labels are expected/],
    ["of another split", images, [6, 2, 3], /^f holds 2 images of 2 × 3; 6 images of 2 × 3 are expected/],
    ["without dimensions", idx([], []), [3], /^f holds nothing; 3 labels are expected/],
    [
      "of floating-point numbers",
      Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 0),
      [0],
      /^f holds values of type 0x0d/,
    ],
    ["a web page", new TextEncoder().encode("<!DOCTYPE html>"), [3], /^f is not an IDX file: .* web page/],
    [
      "a PNG",
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47),
      [3],
      /^f is not an IDX file: it begins with 89 50 4e 47,/,
    ],
  ])("refuses a file that is %s, naming it", (_, bytes, sizes, message) => {
    expect(() => parseIdx(bytes, sizes, "f")).toThrow(message);
  });
});
