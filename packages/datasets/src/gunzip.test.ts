import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { gunzip } from "./gunzip.js";

const bytes = fc.uint8Array({ maxLength: 2000 });

it("gives back what zlib compressed", async () => {
  await fc.assert(
    fc.asyncProperty(bytes, async (content) => {
      expect(await gunzip(gzipSync(content), "file")).toEqual(content);
    }),
    { numRuns: 30 },
  );
});

it("leaves bytes alone that are not gzip", async () => {
  const content = Uint8Array.of(0, 0, 8, 1);
  expect(await gunzip(content, "file.gz")).toBe(content);
  expect(await gunzip(new Uint8Array(0), "file.gz")).toHaveLength(0);
});

it("refuses a gzip file cut off anywhere, naming it", async () => {
  await fc.assert(
    fc.asyncProperty(
      bytes,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (content, at) => {
        const whole = gzipSync(content);
        const cut = whole.subarray(0, 2 + Math.floor(at * (whole.length - 2)));
        await expect(gunzip(cut, "dir/some.gz")).rejects.toMatchObject({
          code: "data/malformed",
          message: expect.stringContaining("dir/some.gz"),
        });
      },
    ),
    { numRuns: 30 },
  );
});

it("refuses a gzip file with a changed byte after its header", async () => {
  const whole = gzipSync(Uint8Array.from({ length: 3000 }, (_, i) => (i * i) % 251));
  for (const position of [15, Math.floor(whole.length / 2), whole.length - 6]) {
    const changed = Uint8Array.from(whole);
    changed[position] ^= 1;
    await expect(gunzip(changed, "some.gz")).rejects.toMatchObject({ code: "data/malformed" });
  }
});
