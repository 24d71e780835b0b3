import { deflateSync } from "fflate";
import { crc32 } from "./crc32.js";

/** Files as PyTorch writes them, made byte by byte: what tests of their reader are tried on where there is no Python. */

type Part = Uint8Array | readonly number[] | string;

/** Parts one after another; the characters of a text are bytes. */
export function bytesOf(...parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const bytes = parts.flatMap((part) =>
    typeof part === "string" ? Array.from(part, (character) => character.charCodeAt(0)) : [...part],
  );
  return Uint8Array.from(bytes);
}

function little(value: number, size: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes.subarray(0, size);
}

/** A file of an archive. */
export interface ZipFile {
  readonly name: string;
  readonly content: Uint8Array;
  readonly deflated?: boolean;
  /** Sizes and checksum to claim instead of the true ones. */
  readonly size?: number;
  readonly checksum?: number;
}

/** A zip archive. @param wide as PyTorch's, with a directory that needs 64 bits */
export function zipOf(files: readonly ZipFile[], wide = false): Uint8Array<ArrayBuffer> {
  const locals: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, content, deflated = false, size = content.length, checksum = crc32(content) } of files) {
    const packed = deflated ? deflateSync(content) : content;
    const common = bytesOf(
      ...[20, 0, deflated ? 8 : 0, 0, 0].map((value) => little(value, 2)),
      little(checksum, 4),
      little(packed.length, 4),
      little(size, 4),
      little(name.length, 2),
    );
    const padding = 5; // PyTorch aligns content with an extra field that only the local entry has
    const local = bytesOf("PK\x03\x04", common, little(padding, 2), name, "F".repeat(padding), packed);
    const extra = wide ? bytesOf(little(1, 2), little(8, 2), little(offset, 8)) : new Uint8Array(0);
    directory.push(
      bytesOf(
        "PK\x01\x02",
        little(20, 2),
        common,
        little(extra.length, 2),
        new Uint8Array(10),
        wide ? little(0xffffffff, 4) : little(offset, 4),
        name,
        extra,
      ),
    );
    locals.push(local);
    offset += local.length;
  }
  const listing = bytesOf(...directory);
  const end64 = bytesOf(
    "PK\x06\x06",
    little(44, 8),
    little(45, 2),
    little(45, 2),
    little(0, 8),
    little(files.length, 8),
    little(files.length, 8),
    little(listing.length, 8),
    little(offset, 8),
    "PK\x06\x07",
    little(0, 4),
    little(offset + listing.length, 8),
    little(1, 4),
  );
  const end = bytesOf(
    "PK\x05\x06",
    little(0, 4),
    little(files.length, 2),
    little(files.length, 2),
    little(listing.length, 4),
    wide ? little(0xffffffff, 4) : little(offset, 4),
    little(0, 2),
  );
  return bytesOf(...locals, listing, ...(wide ? [end64] : []), end);
}

/** A tensor to be written: a view of raw values. */
export interface TestTensor {
  readonly key: string;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset?: number;
  /** Raw values of the storage, and their type and number. */
  readonly raw: Uint8Array;
  readonly type?: string;
  readonly count: number;
  /** Tensors with the same storage share it. */
  readonly storage?: string;
}

/** A contiguous tensor of float32. */
export function floatTensor(key: string, shape: readonly number[], values: Float32Array): TestTensor {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { key, shape, strides, raw, count: values.length };
}

const text = (value: string) => bytesOf("X", little(value.length, 4), value);
const integer = (value: number) => bytesOf("J", little(value, 4));
const tuple = (items: readonly Part[]) => bytesOf("(", ...items, "t");

/** Pickle of values: plain ones, arrays as tuples, maps as dictionaries, bytes as they are, so that anything can be put in. */
export function pickled(value: unknown): Uint8Array<ArrayBuffer> {
  if (value instanceof Uint8Array) return bytesOf(value);
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    if (Number.isInteger(value)) return integer(value);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value);
    return bytesOf("G", bytes);
  }
  if (typeof value === "boolean") return bytesOf(value ? "\x88" : "\x89");
  if (Array.isArray(value)) return tuple(value.map(pickled));
  if (value instanceof Map)
    return bytesOf("}(", ...[...value].flatMap(([key, each]) => [pickled(key), pickled(each)]), "u");
  return bytesOf("N");
}

/** Pickle of a tensor, its storage a persistent id. */
function tensorPickle(tensor: TestTensor, key: string, legacy: boolean): Uint8Array<ArrayBuffer> {
  const { shape, strides, offset = 0, type = "FloatStorage", count } = tensor;
  const global = bytesOf(`ctorch\n${type}\n`);
  const id = tuple([
    text("storage"),
    global,
    text(key),
    text("cpu"),
    integer(count),
    ...(legacy ? ["N"] : []),
  ]);
  const args = [bytesOf(id, "Q"), integer(offset), pickled([...shape]), pickled([...strides]), "\x89"];
  return bytesOf(
    "ctorch._utils\n_rebuild_tensor_v2\n",
    tuple([...args, "ccollections\nOrderedDict\n)R"]),
    "R",
  );
}

/** What tests change of a file. */
export interface TestFileOptions {
  /** What to save instead of the bare state dict, which it is given as a pickle. */
  readonly around?: (stateDict: Uint8Array<ArrayBuffer>) => unknown;
  readonly bigEndian?: boolean;
  readonly deflated?: boolean;
  readonly folder?: string;
  readonly extra?: readonly ZipFile[];
}

function stateDict(tensors: readonly TestTensor[], legacy: boolean, around: TestFileOptions["around"]) {
  const keys = [...new Set(tensors.map(({ key, storage = key }) => storage))];
  const items = tensors.flatMap((tensor) => [
    text(tensor.key),
    tensorPickle(tensor, String(keys.indexOf(tensor.storage ?? tensor.key)), legacy),
  ]);
  const metadata = bytesOf("}", text("_metadata"), "}s"); // PyTorch's state dicts carry an attribute
  const dictionary = bytesOf("ccollections\nOrderedDict\n)R(", ...items, "u", metadata, "b");
  const raws = keys.map((key) => tensors.find((each) => (each.storage ?? each.key) === key)!);
  return { pickle: bytesOf("\x80\x02", pickled(around?.(dictionary) ?? dictionary), "."), raws };
}

/** What `torch.save` writes. */
export function torchZip(
  tensors: readonly TestTensor[],
  { around, bigEndian = false, deflated = false, folder = "archive", extra = [] }: TestFileOptions = {},
): Uint8Array<ArrayBuffer> {
  const { pickle, raws } = stateDict(tensors, false, around);
  const files = [
    { name: `${folder}/data.pkl`, content: pickle },
    { name: `${folder}/byteorder`, content: bytesOf(bigEndian ? "big" : "little") },
    ...raws.map(({ raw }, i) => ({ name: `${folder}/data/${i}`, content: raw })),
    { name: `${folder}/version`, content: bytesOf("3\n") },
  ];
  return zipOf([...files.map((file) => ({ ...file, deflated })), ...extra]);
}

/** What `torch.save` wrote before PyTorch 1.6. */
export function torchLegacy(
  tensors: readonly TestTensor[],
  { around, bigEndian = false }: TestFileOptions = {},
): Uint8Array<ArrayBuffer> {
  const { pickle, raws } = stateDict(tensors, true, around);
  const keys = raws.map((_, i) => String(i));
  return bytesOf(
    "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.",
    "\x80\x02M\xe9\x03.",
    bytesOf("\x80\x02", pickled(new Map<string, unknown>([["little_endian", !bigEndian]])), "."),
    pickle,
    bytesOf("\x80\x02](", ...keys.map(text), "e."),
    ...raws.flatMap(({ raw, count }) => [little(count, 8), raw]),
  );
}
