import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isIsthmusError } from "../../errors/isthmus-error.js";
import { bytesOf, type ZipFile, zipOf } from "./test-torch-files.js";
import { openZip } from "./zip.js";

const text = bytesOf("weights ".repeat(50));
const files: ZipFile[] = [
  { name: "a/stored", content: text },
  { name: "a/deflated", content: text, deflated: true },
  { name: "a/empty", content: new Uint8Array(0) },
];

function errorOf(bytes: Uint8Array, name?: string): string {
  try {
    const zip = openZip(bytes, "some.pt");
    for (const each of name === undefined ? zip.names : [name]) zip.read(each);
  } catch (error) {
    expect(error).toMatchObject({ code: "checkpoint/malformed" });
    return (error as Error).message;
  }
  throw new Error("The archive was accepted.");
}

describe("a zip archive", () => {
  it.each([false, true])("gives back what is in it (64 bits: %s)", (wide) => {
    const zip = openZip(zipOf(files, wide), "some.pt");
    expect(zip.names).toEqual(["a/stored", "a/deflated", "a/empty"]);
    for (const { name, content } of files) expect(zip.read(name)).toEqual(content);
  });

  it("is found where it begins late and ends with a comment", () => {
    const bytes = zipOf(files);
    const comment = bytes.slice();
    comment[bytes.length - 2] = 3;
    expect(openZip(bytesOf(comment, "abc"), "some.pt").read("a/stored")).toEqual(text);
  });

  it.each<[string, Uint8Array, RegExp, string?]>([
    ["without a directory", zipOf(files).subarray(0, 100), /no directory/],
    ["of another kind", bytesOf("PK\x03\x04".repeat(10)), /no directory/],
    [
      "with a wrong checksum",
      zipOf([{ name: "a", content: text, checksum: 1 }]),
      /"a" is damaged: its checksum/,
    ],
    ["with a stored file of another size", zipOf([{ name: "a", content: text, size: 7 }]), /"a" is damaged/],
    [
      "that unpacks to more than it says",
      zipOf([{ name: "a", content: text, size: 100, deflated: true }]),
      /larger than promised/,
    ],
    [
      "that unpacks to less than it says",
      zipOf([{ name: "a", content: bytesOf("abcdefgh"), size: 20, deflated: true }]),
      /shorter than promised/,
    ],
    ["with one name twice", zipOf([files[0], files[0]]), /two files "a\/stored"/],
    ["without the file that is asked for", zipOf(files), /no file "b"/, "b"],
  ])("%s is refused", (_, bytes, message, name) => {
    expect(errorOf(bytes, name)).toMatch(message);
  });

  it("that would become more than a hundred times its size is refused before anything is unpacked", () => {
    const bomb = zipOf([{ name: "a", content: new Uint8Array(1_000_000), deflated: true }]);
    expect(bomb.length).toBeLessThan(2000);
    expect(() => openZip(bomb, "bomb.pt")).toThrowError(/more than 100 times the archive/);
  });

  it("whose entries all lie on the same bytes is refused where they add up to more", () => {
    const honest = zipOf([{ name: "00", content: new Uint8Array(40_000) }]);
    const listed = honest.length - 22 - 48;
    const listing = Array.from({ length: 150 }, (_, i) =>
      bytesOf(honest.subarray(listed, listed + 46), i.toString(16).padStart(2, "0")),
    );
    const end = honest.slice(-22);
    end[10] = listing.length;
    const bytes = bytesOf(honest.subarray(0, listed), ...listing, end);
    expect(errorOf(bytes)).toMatch(/would be 6000000 bytes, more than 100 times/);
  });

  it("of random bytes or with changed ones is refused or read, and nothing else", () => {
    const valid = zipOf(
      [
        { name: "a/b", content: bytesOf("abcabcabcabc"), deflated: true },
        { name: "c", content: bytesOf("xyz") },
      ],
      true,
    );
    const changed = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
      .map((changes) => {
        const copy = valid.slice();
        for (const [position, value] of changes) copy[position] = value;
        return copy;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), changed), (bytes) => {
        try {
          const zip = openZip(bytes, "fuzzed");
          for (const name of zip.names) zip.read(name);
        } catch (error) {
          if (!isIsthmusError(error)) throw error;
        }
      }),
      { numRuns: 1500 },
    );
  });
});
