import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Params } from "../contracts/params.js";
import { sameBits } from "../numerics/params.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";

/** A file from its parts, laid out by hand as the format says. */
function file(header: string | Uint8Array, data: readonly number[] = [], length?: bigint): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

function tensor(name: string, dtype: string, shape: string, begin: number, end: number): string {
  return `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;
}

function readOne(dtype: string, data: readonly number[]): number[] {
  const size = data.length;
  const count = size / ({ F64: 8, U64: 8, I64: 8, U32: 4, I32: 4, U8: 1, I8: 1, BOOL: 1 }[dtype] ?? 2);
  const bytes = file(`{${tensor("x", dtype, `[${count}]`, 0, size)}}`, data);
  return [...readSafetensors(bytes, "test").tensors.get("x")!.data];
}

function errorOf(bytes: Uint8Array): { code: string; message: string } {
  try {
    readSafetensors(bytes, "some/file.safetensors");
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error("The file was accepted.");
}

const params: fc.Arbitrary<Params> = fc
  .uniqueArray(
    fc.tuple(
      fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.constantFrom("__proto__", "constructor", "0", "10", "9", 'a"\\\n'),
      ),
      fc.array(fc.nat({ max: 4 }), { maxLength: 3 }),
    ),
    { selector: ([name]) => name, maxLength: 6 },
  )
  .chain((tensors) =>
    fc.tuple(
      ...tensors.map(([name, shape]) => {
        const count = shape.reduce((product, size) => product * size, 1);
        return fc
          .array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: count, maxLength: count })
          .map((bits) => [name, { shape, data: new Float32Array(Uint32Array.from(bits).buffer) }] as const);
      }),
    ),
  )
  .map((tensors) => new Map(tensors));

describe("safetensors", () => {
  it("gives back names, order, shapes, metadata and every bit", () => {
    const metadata = fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }));
    fc.assert(
      fc.property(params, metadata, (tensors, texts) => {
        const read = readSafetensors(writeSafetensors(tensors, texts), "round trip");
        expect(sameBits(read.tensors, tensors)).toBe(true);
        expect(Object.entries(read.metadata)).toEqual(Object.entries(texts));
      }),
    );
  });

  it("keeps payloads of NaN, the sign of zero, scalars and empty tensors", () => {
    const bits = Uint32Array.of(0x7fc12345, 0xffa00001, 0x80000000, 1, 0x7f800000);
    const tensors: Params = new Map([
      ["special", { shape: [5], data: new Float32Array(bits.buffer) }],
      ["scalar", { shape: [], data: Float32Array.of(-0) }],
      ["empty", { shape: [3, 0], data: new Float32Array(0) }],
    ]);
    const read = readSafetensors(writeSafetensors(tensors), "special").tensors;
    expect(new Uint32Array(read.get("special")!.data.buffer)).toEqual(bits);
    expect(read.get("scalar")).toEqual({ shape: [], data: Float32Array.of(-0) });
    expect(read.get("empty")).toEqual({ shape: [3, 0], data: new Float32Array(0) });
  });

  it("writes the bytes that the format asks for", () => {
    const header = `{"__metadata__":{"k":"v"},${tensor("w", "F32", "[2,1]", 0, 8)}}`;
    const padding = " ".repeat((8 - (header.length % 8)) % 8);
    expect(
      writeSafetensors(new Map([["w", { shape: [2, 1], data: Float32Array.of(1, -2) }]]), { k: "v" }),
    ).toEqual(file(header + padding, [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]));
  });

  it("aligns the data to 8 bytes", () => {
    for (const name of ["a", "ab", "abc", "abcd", "abcde"]) {
      const bytes = writeSafetensors(new Map([[name, { shape: [1], data: Float32Array.of(1) }]]));
      expect((bytes.length - 4) % 8).toBe(0);
    }
  });

  it("writes a part of a larger buffer without its neighbors", () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    const read = readSafetensors(writeSafetensors(new Map([["w", { shape: [2], data }]])), "part");
    expect(read.tensors.get("w")!.data).toEqual(Float32Array.of(2, 3));
  });

  it("copies values out of a Node buffer with an odd offset", () => {
    const written = writeSafetensors(new Map([["w", { shape: [2], data: Float32Array.of(5, 6) }]]));
    const pool = Buffer.alloc(written.length + 3);
    pool.set(written, 3);
    const read = readSafetensors(pool.subarray(3), "buffer").tensors.get("w")!;
    pool.fill(0);
    expect([...read.data]).toEqual([5, 6]);
    expect(read.data.buffer.byteLength).toBe(8);
  });

  it("reads tensors in any order of offsets, spaces anywhere, and names that objects would reorder", () => {
    const bytes = file(
      ` { "10" : {"data_offsets":[ 1 , 2 ], "shape":[], "dtype":"U8"} ,\n"9":{"dtype":"U8","shape":[1],"data_offsets":[0,1]} } `.trimStart(),
      [7, 8],
    );
    expect([...readSafetensors(bytes, "order").tensors].map(([name, { data }]) => [name, data[0]])).toEqual([
      ["10", 8],
      ["9", 7],
    ]);
  });

  it.each(["\\", "\\\\", '"', '\\"', '"\\'])("keeps a name that ends with %s", (end) => {
    const tensors: Params = new Map([[`a${end}`, { shape: [], data: Float32Array.of(1) }]]);
    expect(readSafetensors(writeSafetensors(tensors), "quotes").tensors).toEqual(tensors);
  });

  it("leaves prototypes alone whatever the names", () => {
    const bytes = file(`{"__metadata__":{"__proto__":"m"},${tensor("__proto__", "U8", "[1]", 0, 1)}}`, [9]);
    const { tensors, metadata } = readSafetensors(bytes, "hostile");
    expect([...tensors.keys()]).toEqual(["__proto__"]);
    expect(Object.entries(metadata)).toEqual([["__proto__", "m"]]);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
  });

  it("reads an empty file of tensors", () => {
    expect(readSafetensors(file("{}"), "empty").tensors.size).toBe(0);
  });
});

describe("dtypes other than F32", () => {
  it("reads known binary16 values exactly", () => {
    const halves = [0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x8000, 0x7c00, 0xfc00, 0x7e00, 0x3555];
    const expected = [1, -2, 65504, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, -0, Infinity, -Infinity, NaN];
    expect(
      readOne(
        "F16",
        halves.flatMap((half) => [half & 0xff, half >> 8]),
      ),
    ).toEqual([...expected, 0.333251953125]);
  });

  it("reads known bfloat16 values exactly", () => {
    expect(readOne("BF16", [0x80, 0x3f, 0x49, 0x40, 0x80, 0xff, 0x00, 0x80])).toEqual([
      1,
      3.140625,
      -Infinity,
      -0,
    ]);
  });

  it("reads integers, booleans and doubles, rounded where float32 is too short", () => {
    const pi = [...new Uint8Array(Float64Array.of(Math.PI, 1e300).buffer)];
    expect(readOne("F64", pi)).toEqual([Math.fround(Math.PI), Infinity]);
    expect(readOne("BOOL", [0, 1])).toEqual([0, 1]);
    expect(readOne("U8", [255])).toEqual([255]);
    expect(readOne("I8", [255])).toEqual([-1]);
    expect(readOne("U16", [255, 255])).toEqual([65535]);
    expect(readOne("I16", [255, 255])).toEqual([-1]);
    expect(readOne("I32", [254, 255, 255, 255])).toEqual([-2]);
    expect(readOne("U32", [0, 0, 0, 128])).toEqual([2 ** 31]);
    expect(readOne("I64", [253, 255, 255, 255, 255, 255, 255, 255])).toEqual([-3]);
    expect(readOne("U64", [255, 255, 255, 255, 255, 255, 255, 255])).toEqual([2 ** 64]);
  });

  it("refuses others by name", () => {
    const error = errorOf(file(`{${tensor("w", "F8_E4M3", "[1]", 0, 1)}}`, [0]));
    expect(error.code).toBe("checkpoint/unsupported-dtype");
    expect(error.message).toMatch(/some\/file\.safetensors: tensor "w" has dtype "F8_E4M3"/);
  });
});

describe("hostile and damaged files", () => {
  const two = (begin: number, end: number) =>
    `{${tensor("a", "U8", "[2]", 0, 2)},${tensor("b", "U8", "[2]", begin, end)}}`;
  const big = Number.MAX_SAFE_INTEGER;
  it.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(0), /only 0 bytes/],
    ["a header beyond the limit", file("{}", [], 100_000_001n), /100000001 bytes/],
    ["a header of 2^64 - 1 bytes", file("{}", [], 2n ** 64n - 1n), /18446744073709551615 bytes/],
    ["a header beyond the file", file("{}", [], 3n), /within its header \(10 bytes of 11\)/],
    ["a header of another kind", file("[]"), /begin with \{/],
    ["an empty header", file(""), /begin with \{/],
    ["a header that is not UTF-8", file(Uint8Array.of(0x7b, 0xff, 0x7d)), /UTF-8/],
    ["a header cut short", file("{"), /expected " at character 1/],
    ["something after the header", file("{}x"), /expected the end/],
    ["a comma too many", file(`{${tensor("a", "U8", "[0]", 0, 0)},}`), /expected "/],
    ["an unclosed text", file('{"a\\"}'), /closing quote/],
    ["a bad escape", file('{"\\x":{}}'), /not JSON/],
    ["half a surrogate pair", file('{"\\ud800":{}}'), /surrogate/],
    ["deep nesting", file(`{"a":${"[".repeat(1_000_000)}`), /expected \{/],
    [
      "a name twice",
      file(`{${tensor("a", "U8", "[0]", 0, 0)},${tensor("a", "U8", "[0]", 0, 0)}}`),
      /"a" stands twice/,
    ],
    ["metadata twice", file('{"__metadata__":{},"__metadata__":{}}'), /"__metadata__" stands twice/],
    ["metadata that is not text", file('{"__metadata__":{"a":1}}'), /expected "/],
    [
      "a field twice",
      file('{"a":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}}', [0]),
      /"dtype" stands twice/,
    ],
    ["an unknown field", file('{"a":{"strides":[1]}}'), /"a" has an unknown field "strides"/],
    ["a missing field", file('{"a":{"dtype":"U8","shape":[0]}}'), /"a" needs a dtype/],
    ["three offsets", file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0,0]}}'), /two data_offsets/],
    ["a negative size", file(`{${tensor("a", "U8", "[-1]", 0, 0)}}`), /whole number/],
    ["a fraction", file(`{${tensor("a", "U8", "[1.5]", 0, 1)}}`), /whole number/],
    ["a number too large", file(`{${tensor("a", "U8", "[9007199254740992]", 0, 1)}}`), /below 2\^53/],
    ["a number far too large", file(`{${tensor("a", "U8", "[99999999999999999]", 0, 1)}}`), /whole number/],
    ["a shape that overflows", file(`{${tensor("a", "U8", `[${big},${big}]`, 0, 1)}}`, [0]), /tensor "a"/],
    [
      "a shape larger than its bytes",
      file(`{${tensor("a", "F32", "[2]", 0, 4)}}`, [0, 0, 0, 0]),
      /tensor "a"/,
    ],
    ["offsets beyond the data", file(two(2, 4), [0, 0, 0]), /"b" takes bytes 2 to 4 of 3/],
    ["offsets that run backwards", file(two(2, 0), [0, 0]), /"b" takes bytes 2 to 0/],
    ["an overlap", file(two(1, 3), [0, 0, 0]), /"b" takes bytes 1 to 3, which overlaps/],
    ["a hole", file(two(3, 5), [0, 0, 0, 0, 0]), /"b" takes bytes 3 to 5, which leaves a hole from 2/],
    ["data at the end that is nobody's", file(two(2, 4), [0, 0, 0, 0, 0]), /4 of 5 bytes/],
  ])("refuses %s", (_, bytes, message) => {
    const error = errorOf(bytes);
    expect(error.code).toBe("checkpoint/malformed");
    expect(error.message).toMatch(message);
    expect(error.message).toContain("some/file.safetensors");
  });

  it("answers any damage with a coded error or a value", () => {
    const good = writeSafetensors(
      new Map([
        ["a", { shape: [2], data: Float32Array.of(1, 2) }],
        ["b", { shape: [], data: Float32Array.of(3) }],
      ]),
      { k: "v" },
    );
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, length) => {
        const damaged = good.slice(0, length);
        if (at < length) damaged[at] = byte;
        try {
          readSafetensors(damaged, "damaged");
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^checkpoint\//);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("tensors that cannot be written", () => {
  const one = Float32Array.of(1);
  it.each<[string, Params, Record<string, string>]>([
    ["a reserved name", new Map([["__metadata__", { shape: [1], data: one }]]), {}],
    ["a shape of another size", new Map([["w", { shape: [2], data: one }]]), {}],
    ["a negative shape", new Map([["w", { shape: [-1, -1], data: one }]]), {}],
    ["a fractional shape", new Map([["w", { shape: [0.5, 2], data: one }]]), {}],
    ["a name that is not well-formed", new Map([["\ud800", { shape: [1], data: one }]]), {}],
    ["metadata that is not well-formed", new Map(), { k: "\udfff" }],
  ])("refuses %s", (_, tensors, metadata) => {
    expect(() => writeSafetensors(tensors, metadata)).toThrowError(
      expect.objectContaining({ code: "checkpoint/unwritable" }),
    );
  });
});
