import type { ArrayValue, Params } from "../contracts/params.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { DTYPES } from "./dtypes.js";
import { hasLoneSurrogate, malformed, quoted, readHeader, type TensorInfo } from "./safetensors-header.js";

/** Largest header that the format allows, in bytes. */
const MAX_HEADER = 100_000_000;

/** Where the header's text begins: after its length, 64 bits little-endian. */
const HEADER_START = 8;

/** A shape as it may stand in a message. */
function shown(shape: readonly number[]): string {
  return `[${shape.slice(0, 10).join(", ")}${shape.length > 10 ? ", …" : ""}]`;
}

/** Number of values of a shape, or undefined where it is 2⁵³ or more on the way. */
function countOf(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

function unwritable(what: string): IsthmusError {
  return new IsthmusError({
    code: "checkpoint/unwritable",
    message: `Cannot write safetensors: ${what}.`,
    hint: "Fix the tensor or the metadata before saving it.",
  });
}

function checkWritable(tensors: Params, metadata: Readonly<Record<string, string>>): void {
  for (const [name, { shape, data }] of tensors) {
    if (name === "__metadata__") throw unwritable('"__metadata__" is reserved and cannot name a tensor');
    if (shape.some((size) => !Number.isSafeInteger(size) || size < 0) || countOf(shape) !== data.length) {
      throw unwritable(`tensor ${quoted(name)} of shape ${shown(shape)} cannot have ${data.length} values`);
    }
  }
  for (const text of [...tensors.keys(), ...Object.entries(metadata).flat()]) {
    if (hasLoneSurrogate(text)) throw unwritable(`${quoted(text)} has half of a surrogate pair`);
  }
}

/**
 * Writes tensors as one safetensors file: F32, in the order of the map, data aligned to 8 bytes. The same input gives the
 * same bytes, and every bit of the values is kept, payloads of NaN included. Throws `checkpoint/unwritable` for a tensor
 * called `__metadata__`, a shape that does not fit its values, or text that is not well-formed.
 *
 * @example
 * const bytes = writeSafetensors(new Map([["w", { shape: [2], data: Float32Array.of(1, 2) }]]), { author: "me" });
 */
export function writeSafetensors(
  tensors: Params,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  checkWritable(tensors, metadata);
  const entries = Object.keys(metadata).length === 0 ? [] : [`"__metadata__":${JSON.stringify(metadata)}`];
  let size = 0;
  for (const [name, { shape, data }] of tensors) {
    const info = { dtype: "F32", shape, data_offsets: [size, size + data.byteLength] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(info)}`);
    size += data.byteLength;
  }
  const header = new TextEncoder().encode(`{${entries.join(",")}}`);
  const headerLength = Math.ceil(header.length / 8) * 8;
  if (headerLength > MAX_HEADER) throw unwritable(`names and metadata take more than ${MAX_HEADER} bytes`);

  const bytes = new Uint8Array(HEADER_START + headerLength + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(header, HEADER_START);
  bytes.fill(0x20, HEADER_START + header.length, HEADER_START + headerLength);
  let offset = HEADER_START + headerLength;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/** Length of the header, checked against the file. */
function headerLengthOf(bytes: Uint8Array, source: string): number {
  if (bytes.length < HEADER_START) throw malformed(source, `it has only ${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER) throw malformed(source, `its header would take ${length} bytes`);
  if (HEADER_START + Number(length) > bytes.length) {
    throw malformed(source, `it ends within its header (${bytes.length} bytes of ${8n + length})`);
  }
  return Number(length);
}

function decodeHeaderText(bytes: Uint8Array, source: string): string {
  if (bytes[0] !== 0x7b) throw malformed(source, "its header does not begin with {");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw malformed(source, "its header is not UTF-8", cause);
  }
}

/** Refuses tensors that overlap, leave a hole or reach beyond the data. */
function checkLayout(tensors: ReadonlyMap<string, TensorInfo>, dataLength: number, source: string): void {
  const inFileOrder = [...tensors].sort(
    ([, { offsets: a }], [, { offsets: b }]) => a[0] - b[0] || a[1] - b[1],
  );
  let position = 0;
  for (const [name, { offsets }] of inFileOrder) {
    const [begin, end] = offsets;
    const where = `tensor ${quoted(name)} takes bytes ${begin} to ${end}`;
    if (end < begin || end > dataLength) throw malformed(source, `${where} of ${dataLength}`);
    if (begin < position)
      throw malformed(source, `${where}, which overlaps a tensor that ends at ${position}`);
    if (begin > position) throw malformed(source, `${where}, which leaves a hole from ${position}`);
    position = end;
  }
  if (position !== dataLength) {
    throw malformed(source, `its tensors take ${position} of ${dataLength} bytes of data`);
  }
}

function readTensor(
  name: string,
  info: TensorInfo,
  data: Uint8Array,
  source: string,
): ArrayValue & { readonly rounded: boolean } {
  const { dtype, shape, offsets } = info;
  const [begin, end] = offsets;
  const type = DTYPES.get(dtype);
  if (type === undefined) {
    throw new IsthmusError({
      code: "checkpoint/unsupported-dtype",
      message: `${source}: tensor ${quoted(name)} has dtype ${quoted(dtype)}, which cannot be read.`,
      hint: `Convert it to one of ${[...DTYPES.keys()].join(", ")}.`,
    });
  }
  const count = countOf(shape);
  if (count === undefined || count * type.size !== end - begin) {
    throw malformed(
      source,
      `tensor ${quoted(name)} (${dtype}, shape ${shown(shape)}) cannot take ${end - begin} bytes`,
    );
  }
  const bytes = new Uint8Array(data.subarray(begin, end));
  const rounded = type.isRounded?.(bytes) ?? false;
  return { shape, data: type.toFloat32(bytes), rounded };
}

/**
 * Reads a safetensors file strictly: header of at most 100 MB, every name once, and tensors that cover the data without
 * overlap or hole. Tensors come in the order of the header; the values do not share memory with `bytes`.
 * F32, F16, BF16, BOOL and integers up to 16 bits are exact; F64 and wider integers are rounded to float32.
 * Assumes a little-endian machine.
 *
 * Throws `checkpoint/malformed` or `checkpoint/unsupported-dtype`; messages name `source` and the tensor.
 */
export function readSafetensors(
  bytes: Uint8Array,
  source: string,
): {
  readonly tensors: Params;
  readonly metadata: Readonly<Record<string, string>>;
  /** Names of the tensors that float32 is too short for. */
  readonly rounded: readonly string[];
} {
  const dataStart = HEADER_START + headerLengthOf(bytes, source);
  const header = readHeader(decodeHeaderText(bytes.subarray(HEADER_START, dataStart), source), source);
  const data = bytes.subarray(dataStart);
  checkLayout(header.tensors, data.length, source);
  const tensors = new Map<string, ArrayValue>();
  const rounded: string[] = [];
  for (const [name, info] of header.tensors) {
    const { shape, data: values, rounded: isRounded } = readTensor(name, info, data, source);
    tensors.set(name, { shape, data: values });
    if (isRounded) rounded.push(name);
  }
  return { tensors, metadata: Object.fromEntries(header.metadata), rounded };
}
