import { Inflate } from "fflate";
import { ByteCursor } from "../pickle/byte-cursor.js";
import { quoted } from "../safetensors-header.js";
import { crc32 } from "./crc32.js";

const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_ENTRY = 0x04034b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const END_LENGTH = 22;
const LOCATOR_LENGTH = 20;
/** The end may be followed by a comment of at most this many bytes. */
const MAX_COMMENT = 0xffff;
/** What a field of 32 bits says where the value needs 64. */
const SEE_64 = 0xffffffff;
/** The extra field that holds values of 64 bits. */
const EXTRA_64 = 1;
const [STORED, DEFLATED] = [0, 8];
/** How much more than the file its entries may be together. */
const MAX_EXPANSION = 100;
const CHUNK = 1 << 14;

interface ZipEntry {
  readonly method: number;
  readonly checksum: number;
  readonly packedSize: number;
  readonly size: number;
  readonly offset: number;
}

/** The files in a zip archive; read with {@link openZip}. */
export interface Zip {
  readonly names: readonly string[];
  /** Content of a file: of a stored one in the archive's own memory. Damage is `checkpoint/malformed`. */
  read(name: string): Uint8Array;
}

/** Where the directory is and how many entries it has. */
function findDirectory(cursor: ByteCursor): { readonly offset: number; readonly count: number } {
  const { bytes } = cursor;
  const first = Math.max(0, bytes.length - END_LENGTH - MAX_COMMENT);
  let end = bytes.length - END_LENGTH;
  while (end >= first && !isAt(bytes, end, END)) end--;
  if (end < first) throw cursor.malformed("it has no directory, as if it were cut off");
  cursor.position = end + 10;
  const count = cursor.uint16();
  cursor.skip(4);
  const offset = cursor.uint32();
  if ((count !== 0xffff && offset !== SEE_64) || !isAt(bytes, end - LOCATOR_LENGTH, LOCATOR_64))
    return { offset, count };
  cursor.position = end - LOCATOR_LENGTH + 8;
  cursor.position = cursor.uint64();
  if (cursor.uint32() !== END_64) throw cursor.malformed("its directory is not where it should be");
  cursor.skip(28);
  const count64 = cursor.uint64();
  cursor.skip(8);
  return { count: count64, offset: cursor.uint64() };
}

function isAt(bytes: Uint8Array, position: number, signature: number): boolean {
  return (
    position >= 0 &&
    [0, 1, 2, 3].every((byte) => bytes[position + byte] === ((signature >>> (8 * byte)) & 0xff))
  );
}

/** The next entry of the directory. */
function readEntry(cursor: ByteCursor): readonly [string, ZipEntry] {
  if (cursor.uint32() !== DIRECTORY_ENTRY) throw cursor.malformed("its directory is damaged");
  cursor.skip(4);
  const flags = cursor.uint16();
  const method = cursor.uint16();
  cursor.skip(4);
  const checksum = cursor.uint32();
  const sizes = [cursor.uint32(), cursor.uint32()].reverse(); // the full size first, as the extra field has them
  const nameLength = cursor.uint16();
  const extraLength = cursor.uint16();
  const commentLength = cursor.uint16();
  cursor.skip(8);
  const short = [...sizes, cursor.uint32()];
  const name = cursor.text(nameLength);
  const [size, packedSize, offset] = wideValues(cursor, short, extraLength);
  cursor.skip(commentLength);
  if ((flags & 1) !== 0) throw cursor.malformed(`its file ${quoted(name)} is encrypted`);
  return [name, { method, checksum, packedSize, size, offset }];
}

/** Values of the directory, those that are too large for it out of the extra field, which is read to its end. */
function wideValues(cursor: ByteCursor, short: readonly number[], extraLength: number): number[] {
  const values = [...short];
  const end = cursor.position + extraLength;
  while (cursor.position + 4 <= end) {
    const id = cursor.uint16();
    const next = cursor.position + 2 + cursor.uint16();
    if (id === EXTRA_64) {
      values.forEach((value, i) => {
        if (value === SEE_64 && cursor.position + 8 <= next) values[i] = cursor.uint64();
      });
    }
    cursor.position = next;
  }
  cursor.position = end;
  return values;
}

/** Where an entry's bytes begin: after its own header, whose lengths need not be those of the directory. */
function packedBytes(bytes: Uint8Array, source: string, { offset, packedSize }: ZipEntry): Uint8Array {
  const cursor = new ByteCursor(bytes, source, "a valid zip archive", offset);
  if (cursor.uint32() !== LOCAL_ENTRY) throw cursor.malformed("a file is not where its directory says");
  cursor.skip(22);
  const lengths = cursor.uint16() + cursor.uint16();
  cursor.skip(lengths);
  return cursor.take(packedSize);
}

/** Inflates at most as much as the directory promises. */
function inflate(packed: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(size);
  let length = 0;
  let ended = false;
  const stream = new Inflate((chunk, final) => {
    if (length + chunk.length > size) throw new RangeError("it is larger than promised");
    result.set(chunk, length);
    length += chunk.length;
    ended = final;
  });
  for (let begin = 0; begin < packed.length; begin += CHUNK) {
    stream.push(packed.subarray(begin, begin + CHUNK), begin + CHUNK >= packed.length);
  }
  if (length !== size || !ended) throw new RangeError("it is shorter than promised");
  return result;
}

/**
 * Opens a zip archive of stored and deflated files, zip64 too. Nothing is unpacked before it is read; a file that claims to become
 * more than its archive holds is refused, so that neither time nor memory exceed what a file of this size can need.
 *
 * @throws `checkpoint/malformed`
 */
export function openZip(bytes: Uint8Array, source: string): Zip {
  const cursor = new ByteCursor(bytes, source, "a valid zip archive");
  const { offset, count } = findDirectory(cursor);
  cursor.position = offset;
  const entries = new Map<string, ZipEntry>();
  let total = 0;
  for (let i = 0; i < count; i++) {
    const [name, entry] = readEntry(cursor);
    if (entries.has(name)) throw cursor.malformed(`it has two files ${quoted(name)}`);
    entries.set(name, entry);
    total += entry.method === STORED ? entry.packedSize : entry.size;
  }
  if (total > MAX_EXPANSION * bytes.length) {
    throw cursor.malformed(`its files would be ${total} bytes, more than ${MAX_EXPANSION} times the archive`);
  }
  return {
    names: [...entries.keys()],
    read(name) {
      const entry = entries.get(name);
      if (entry === undefined) throw cursor.malformed(`it has no file ${quoted(name)}`);
      const { method, size, checksum } = entry;
      if (method !== STORED && method !== DEFLATED)
        throw cursor.malformed(`its file ${quoted(name)} is packed in an unknown way (${method})`);
      let content = packedBytes(bytes, source, entry);
      try {
        if (method === DEFLATED) content = inflate(content, size);
      } catch (cause) {
        throw cursor.malformed(`its file ${quoted(name)} is damaged (${(cause as Error).message})`, cause);
      }
      if (content.length !== size || crc32(content) !== checksum)
        throw cursor.malformed(`its file ${quoted(name)} is damaged: its checksum is wrong`);
      return content;
    },
  };
}
