import { IsthmusError } from "../../errors/isthmus-error.js";
import { ByteCursor } from "../pickle/byte-cursor.js";
import { unpickle } from "../pickle/unpickle.js";
import { quoted } from "../safetensors-header.js";
import { storageId, TORCH_GLOBALS } from "./torch-globals.js";
import { TorchStorages } from "./torch-storages.js";
import { openZip, type Zip } from "./zip.js";

/** What `torch.save` wrote: plain values, arrays, maps and `TorchFileTensor`. */
export interface TorchFile {
  readonly value: unknown;
  /** `torch-zip` since PyTorch 1.6, `torch-legacy` before. */
  readonly format: "torch-zip" | "torch-legacy";
}

/** The first pickle of the format before PyTorch 1.6: protocol 2, and the magic number 0x1950a86a20f9469cfc6c. */
const LEGACY_START = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const ZIP_START = [0x50, 0x4b, 3, 4];

/** Whether a file begins with these bytes. */
function beginsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

/** True for a zip archive. */
export function isZip(bytes: Uint8Array): boolean {
  return beginsWith(bytes, ZIP_START);
}

/** True for a file that PyTorch wrote before 1.6, or is told to write as if it were. */
export function isLegacyTorch(bytes: Uint8Array): boolean {
  return beginsWith(bytes, LEGACY_START);
}

function notTorch(source: string, what: string): IsthmusError {
  return new IsthmusError({
    code: "checkpoint/unknown-format",
    message: `${source} is ${what}.`,
    hint: "Save the state dict: torch.save(model.state_dict(), FILE).",
  });
}

/** The one folder of the archive that holds `data.pkl`, whatever its name. */
function folderOf(zip: Zip, source: string): string {
  const pickles = zip.names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const folder = pickles[0]?.slice(0, -"data.pkl".length);
  if (folder === undefined || pickles.length > 1)
    throw notTorch(source, "a zip archive, but not one of PyTorch");
  if (zip.names.includes(`${folder}constants.pkl`))
    throw notTorch(source, "a compiled program of TorchScript");
  return folder;
}

function readZipped(bytes: Uint8Array, source: string): TorchFile {
  const zip = openZip(bytes, source);
  const folder = folderOf(zip, source);
  const orderFile = `${folder}byteorder`;
  const bigEndian = zip.names.includes(orderFile) && new TextDecoder().decode(zip.read(orderFile)) === "big";
  const storages = new TorchStorages((key) => zip.read(`${folder}data/${key}`), bigEndian);
  const persistent = (value: unknown) => {
    const id = storageId(value);
    const storage = storages.get(id);
    if (id.offset + id.count > storage.whole.count)
      throw new TypeError(`storage ${quoted(id.key)} has fewer values than ${id.count}`);
    return storage;
  };
  const options = { globals: TORCH_GLOBALS, persistent };
  return { value: unpickle(zip.read(`${folder}data.pkl`), source, options).value, format: "torch-zip" };
}

/** Sizes in bytes of one value of each storage, and how many the pickle says it has: what the raw part must agree with. */
type Promised = Map<string, { readonly size: number; readonly count: number }>;

/** The raw values after the pickles: for each key in turn a count of 64 bits and the values. */
function readRaw(cursor: ByteCursor, keys: readonly unknown[], promised: Promised): Map<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  for (const key of keys) {
    const known = promised.get(String(key));
    if (known === undefined) throw cursor.malformed("it has a storage that nothing refers to");
    const count = cursor.uint64();
    if (count < known.count)
      throw cursor.malformed(`storage ${quoted(String(key))} has ${count} values of ${known.count}`);
    contents.set(String(key), cursor.take(count * known.size));
  }
  const missing = [...promised.keys()].find((key) => !contents.has(key));
  if (missing !== undefined) throw cursor.malformed(`it lacks storage ${quoted(missing)}`);
  return contents;
}

function readLegacy(bytes: Uint8Array, source: string): TorchFile {
  const plain = { globals: TORCH_GLOBALS };
  const magic = unpickle(bytes, source, plain);
  const protocol = unpickle(bytes, source, plain, magic.end);
  const system = unpickle(bytes, source, plain, protocol.end);
  if (protocol.value !== 1001 || !(system.value instanceof Map))
    throw notTorch(source, "of a protocol of PyTorch that is not known here");
  const bigEndian = system.value.get("little_endian") === false;

  const promised: Promised = new Map();
  let contents: ReadonlyMap<string, Uint8Array> = new Map();
  const storages = new TorchStorages((key) => contents.get(key) as Uint8Array, bigEndian);
  const persistent = (value: unknown) => {
    const id = storageId(value);
    const { size } = id.type;
    const before = promised.get(id.key);
    if (before !== undefined && before.size !== size) throw new TypeError("a storage has two types");
    promised.set(id.key, { size, count: Math.max(before?.count ?? 0, id.offset + id.count) });
    return storages.get(id);
  };
  const { value, end } = unpickle(bytes, source, { globals: TORCH_GLOBALS, persistent }, system.end);
  const keys = unpickle(bytes, source, plain, end);
  const cursor = new ByteCursor(bytes, source, "a valid PyTorch file", keys.end);
  if (!Array.isArray(keys.value)) throw cursor.malformed("it has no list of its storages");
  contents = readRaw(cursor, keys.value, promised);
  return { value, format: "torch-legacy" };
}

/**
 * Reads what `torch.save` wrote, in today's format (a zip archive) or that before PyTorch 1.6: tensors in any layout and of any
 * type of number, and plain values around them. Nothing of the file is run; see {@link unpickle}.
 *
 * @throws `checkpoint/forbidden-pickle`, `checkpoint/malformed`, `checkpoint/unknown-format`
 */
export function readTorch(bytes: Uint8Array, source: string): TorchFile {
  return isZip(bytes) ? readZipped(bytes, source) : readLegacy(bytes, source);
}
