import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isIsthmusError } from "../../errors/isthmus-error.js";
import { tensorsOfTorch } from "../file-tensors.js";
import { readTorch } from "./read-torch.js";
import {
  bytesOf,
  floatTensor,
  pickled,
  type TestFileOptions,
  type TestTensor,
  torchLegacy,
  torchZip,
  zipOf,
} from "./test-torch-files.js";

const writers = [
  ["of today", torchZip],
  ["before PyTorch 1.6", torchLegacy],
] as const;

const raw = (array: { buffer: ArrayBufferLike }) => new Uint8Array(array.buffer);
const a = floatTensor("a", [2, 3], Float32Array.of(1, 2, 3, 4, 5, -6));
const b = floatTensor("b", [], Float32Array.of(7));
const read = (bytes: Uint8Array) => tensorsOfTorch(readTorch(bytes, "some.pt"), "some.pt");

/** `value` with each of its values in the other order of bytes. */
function swapped(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.map((_, i) => bytes[i - (i % size) + (size - 1 - (i % size))]);
}

function errorOf(bytes: Uint8Array): { code: string; message: string } {
  try {
    read(bytes);
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error("The file was accepted.");
}

describe.each(writers)("a file in the format %s", (_, write) => {
  it("gives its tensors in their order", () => {
    const { tensors, rounded, provenance } = read(write([b, a]));
    expect([...tensors]).toEqual([
      ["b", { shape: [], data: Float32Array.of(7) }],
      ["a", { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, -6) }],
    ]);
    expect({ rounded, provenance }).toEqual({ rounded: [], provenance: {} });
  });

  it.each<[string, Partial<TestTensor>, number[]]>([
    ["transposed", { shape: [3, 2], strides: [1, 3] }, [1, 4, 2, 5, 3, -6]],
    ["a column", { shape: [2], strides: [3], offset: 1 }, [2, 5]],
    ["a row", { shape: [3], strides: [1], offset: 3 }, [4, 5, -6]],
    ["with an axis that stands still", { shape: [2, 2], strides: [1, 0], offset: 4 }, [5, 5, -6, -6]],
    ["empty", { shape: [0, 3], strides: [3, 1] }, []],
  ])("reads a view that is %s", (_, view, expected) => {
    const { tensors } = read(write([{ ...a, ...view }]));
    expect(tensors.get("a")).toEqual({ shape: view.shape, data: Float32Array.from(expected) });
  });

  it("reads tensors that share a storage", () => {
    const row = { ...a, key: "row", storage: "a", shape: [3], strides: [1], offset: 3 };
    const { tensors } = read(write([a, row]));
    expect(tensors.get("row")?.data).toEqual(Float32Array.of(4, 5, -6));
    expect(tensors.get("a")?.data).toEqual(Float32Array.of(1, 2, 3, 4, 5, -6));
  });

  it.each<[string, Uint8Array, number, number[], boolean]>([
    ["DoubleStorage", raw(Float64Array.of(0.5, -2)), 8, [0.5, -2], false],
    ["DoubleStorage", raw(Float64Array.of(0.1, NaN)), 8, [Math.fround(0.1), NaN], true],
    ["HalfStorage", raw(Uint16Array.of(0x3c00, 0xc000)), 2, [1, -2], false],
    ["BFloat16Storage", raw(Uint16Array.of(0x3f80, 0xc000)), 2, [1, -2], false],
    ["LongStorage", raw(BigInt64Array.of(3n, -4n)), 8, [3, -4], false],
    ["LongStorage", raw(BigInt64Array.of(2n ** 24n + 1n, 0n)), 8, [2 ** 24, 0], true],
    ["IntStorage", raw(Int32Array.of(3, 2 ** 24 + 1)), 4, [3, 2 ** 24], true],
    ["ShortStorage", raw(Int16Array.of(3, -4)), 2, [3, -4], false],
    ["CharStorage", raw(Int8Array.of(3, -4)), 1, [3, -4], false],
    ["ByteStorage", raw(Uint8Array.of(3, 252)), 1, [3, 252], false],
    ["BoolStorage", raw(Uint8Array.of(0, 1)), 1, [0, 1], false],
  ])("reads %s, in either order of bytes", (type, bytes, size, expected, rounds) => {
    const tensor = { key: "t", shape: [2], strides: [1], type, count: 2 };
    const own = read(write([{ ...tensor, raw: bytes }]));
    expect([...own.tensors.get("t")!.data]).toEqual(expected);
    expect(own.rounded).toEqual(rounds ? ["t"] : []);
    const big = read(write([{ ...tensor, raw: swapped(bytes, size) }], { bigEndian: true }));
    expect(big.tensors).toEqual(own.tensors);
  });

  it.each(["state_dict", "model_state_dict", "model", "net", "params"])(
    "finds the state dict under %s, and what is plain beside it",
    (name) => {
      const around: TestFileOptions["around"] = (dictionary) =>
        new Map<string, unknown>([
          ["epoch", 3],
          ["accuracy", 97.5],
          ["arch", "mlp"],
          ["args", [1, 2]],
          ["optimizer", new Map([["state", new Map()]])],
          [name, dictionary],
        ]);
      const { tensors, provenance } = read(write([a], { around }));
      expect([...tensors.keys()]).toEqual(["a"]);
      expect(provenance).toEqual({ epoch: 3, accuracy: 97.5, arch: "mlp" });
    },
  );

  it("finds the only state dict under whatever name, also some dictionaries deep", () => {
    const around: TestFileOptions["around"] = (dictionary) =>
      new Map([["net", new Map([["weights of it", dictionary]])]]);
    expect([...read(write([a], { around })).tensors.keys()]).toEqual(["a"]);
  });

  it.each<[string, TestFileOptions["around"], RegExp]>([
    ["no dictionary", () => [1, 2], /holds no state dict/],
    ["no tensor", () => new Map([["epoch", 3]]), /holds no state dict/],
    [
      "several",
      (dictionary) =>
        new Map([
          ["generator", dictionary],
          ["critic", dictionary],
        ]),
      /several state dicts: "generator", "critic"/,
    ],
  ])("is refused with %s", (_, around, message) => {
    expect(errorOf(write(around?.length === 0 ? [] : [a], { around }))).toMatchObject({
      code: "checkpoint/no-state-dict",
      message: expect.stringMatching(message),
    });
  });

  it("is refused by the name of what it tried", () => {
    const around = () => new Map([["a", bytesOf("cposix\nsystem\n(", pickled("echo"), "tR")]]);
    expect(errorOf(write([a], { around }))).toMatchObject({
      code: "checkpoint/forbidden-pickle",
      message: expect.stringMatching(/^some\.pt tried posix\.system/),
    });
  });

  it.each<[string, Partial<TestTensor>, RegExp]>([
    ["leaves its storage", { offset: 1 }, /leaves its storage of 6 values/],
    ["leaves it by its strides", { strides: [4, 1] }, /leaves its storage/],
    ["repeats a value", { shape: [100, 100], strides: [0, 0] }, /leaves its storage/],
    [
      "has as many axes as one likes",
      { shape: Array(65).fill(1), strides: Array(65).fill(1) },
      /a tensor needs/,
    ],
    ["has fewer strides than axes", { strides: [1] }, /a tensor needs/],
    ["steps backwards", { strides: [-3, 1] }, /a tensor needs/],
    [
      "has a storage of another size than it says",
      { count: 600, shape: [600], strides: [1] },
      /600|ends within/,
    ],
    ["has a type that is not known", { type: "ComplexFloatStorage" }, /tried torch\.ComplexFloatStorage/],
  ])("with a tensor that %s is refused", (_, change, message) => {
    expect(errorOf(write([{ ...a, ...change }]))).toMatchObject({
      code: expect.stringMatching(/^checkpoint\/(malformed|forbidden-pickle)$/),
      message: expect.stringMatching(message),
    });
  });

  it("with thousands of tensors on one large storage is refused", () => {
    const large = floatTensor("0", [1000], new Float32Array(1000));
    const many = Array.from({ length: 20 }, (_, i) => ({ ...large, key: String(i), storage: "0" }));
    expect(errorOf(write(many)).message).toMatch(/20000 values, made of 1000/);
  });

  it("cut off anywhere, or of changed bytes, is refused or read, and nothing else", () => {
    const valid = write([a, b], { around: (dictionary) => new Map([["model", dictionary]]) });
    const changed = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
      .map((changes) => {
        const copy = valid.slice();
        for (const [position, value] of changes) copy[position] = value;
        return copy;
      });
    const cut = fc.nat(valid.length - 1).map((length) => valid.subarray(0, length));
    fc.assert(
      fc.property(fc.oneof(cut, changed), (bytes) => {
        try {
          read(bytes);
        } catch (error) {
          if (!isIsthmusError(error)) throw error;
        }
      }),
      { numRuns: 1500 },
    );
  });
});

describe("a zip archive", () => {
  it("may be deflated, and may have any folder", () => {
    const { tensors } = read(torchZip([a, b], { deflated: true, folder: "my net" }));
    expect(tensors.get("a")?.data).toEqual(Float32Array.of(1, 2, 3, 4, 5, -6));
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["of something else", zipOf([{ name: "readme.txt", content: bytesOf("hi") }]), /not one of PyTorch/],
    [
      "of a program",
      torchZip([a], { extra: [{ name: "archive/constants.pkl", content: bytesOf(")") }] }),
      /TorchScript/,
    ],
  ])("%s is told apart", (_, bytes, message) => {
    expect(errorOf(bytes)).toMatchObject({
      code: "checkpoint/unknown-format",
      message: expect.stringMatching(message),
    });
  });
});
