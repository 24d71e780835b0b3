import { malformedFile } from "../malformed.js";

/** Reads little-endian values one after another out of bytes, and never beyond their end. */
export class ByteCursor {
  readonly #view: DataView;

  /** @param what what the bytes should be, for errors: `a valid pickle` */
  constructor(
    readonly bytes: Uint8Array,
    readonly source: string,
    private readonly what: string,
    public position = 0,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The error for content that breaks the format. */
  malformed(problem: string, cause?: unknown): Error {
    return malformedFile(this.source, this.what, problem, cause);
  }

  /** Goes on by `count` bytes and gives where they begin. */
  skip(count: number): number {
    const begin = this.position;
    if (count > this.bytes.length - begin) {
      throw this.malformed(
        `it ends within ${count} bytes that begin at byte ${begin} of ${this.bytes.length}`,
      );
    }
    this.position = begin + count;
    return begin;
  }

  /** The next bytes, in the file's own memory. */
  take(count: number): Uint8Array {
    return this.bytes.subarray(this.skip(count), this.position);
  }

  uint8(): number {
    return this.#view.getUint8(this.skip(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.skip(4), true);
  }

  /** A count or an offset of 64 bits. */
  uint64(): number {
    const value = this.#view.getBigUint64(this.skip(8), true);
    if (value > Number.MAX_SAFE_INTEGER) throw this.malformed(`it has a size of ${value}`);
    return Number(value);
  }

  /** Eight bytes, the most significant first, as pickles keep them. */
  float64BigEndian(): number {
    return this.#view.getFloat64(this.skip(8), false);
  }

  /** UTF-8 text of `count` bytes. */
  text(count: number): string {
    const begin = this.position;
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.take(count));
    } catch (cause) {
      if (cause instanceof TypeError) throw this.malformed(`the text at byte ${begin} is not UTF-8`, cause);
      throw cause;
    }
  }

  /** A line of Latin 1, which ends at most `limit` bytes away. */
  line(limit = 10_000): string {
    const length = this.bytes.subarray(this.position, this.position + limit).indexOf(0x0a);
    if (length === -1) throw this.malformed(`the line at byte ${this.position} has no end`);
    const text = Array.from(this.take(length), (byte) => String.fromCharCode(byte)).join("");
    this.position++;
    return text;
  }
}
