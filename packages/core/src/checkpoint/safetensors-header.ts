import type { IsthmusError } from "../errors/isthmus-error.js";
import { malformedFile } from "./malformed.js";

/** One tensor as the header describes it: nothing but the grammar has been checked. */
export interface TensorInfo {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** First byte and the byte after the last, counted from the end of the header. */
  readonly offsets: readonly number[];
}

/** A header's content, in the order in which it stands there. */
export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** A name as it may stand in a message: quoted, control characters escaped, cut where very long. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
}

/** True where a text has half of a surrogate pair, which UTF-8 cannot hold. */
export function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/** The error for a file that breaks the safetensors format. */
export function malformed(source: string, what: string, cause?: unknown): IsthmusError {
  return malformedFile(source, "a valid safetensors file", what, cause);
}

/**
 * Reads the JSON of a header. JSON.parse would drop duplicate names in silence and move names such as "0" to the front,
 * so this walks the one shape that a header can have; there is no recursion that a hostile file could drive deep.
 */
class HeaderReader {
  private position = 0;

  constructor(
    private readonly text: string,
    private readonly source: string,
  ) {}

  read(): SafetensorsHeader {
    const tensors = new Map<string, TensorInfo>();
    let metadata: ReadonlyMap<string, string> = new Map();
    this.object((name) => {
      if (name === "__metadata__") metadata = this.metadata();
      else tensors.set(name, this.tensor(name));
    });
    this.skipSpace();
    if (this.position < this.text.length) this.fail("the end of the header");
    return { tensors, metadata };
  }

  private metadata(): ReadonlyMap<string, string> {
    const metadata = new Map<string, string>();
    this.object((key) => metadata.set(key, this.string()));
    return metadata;
  }

  private tensor(name: string): TensorInfo {
    let dtype: string | undefined;
    let shape: readonly number[] | undefined;
    let offsets: readonly number[] | undefined;
    this.object((field) => {
      if (field === "dtype") dtype = this.string();
      else if (field === "shape") shape = this.integers();
      else if (field === "data_offsets") offsets = this.integers();
      else throw malformed(this.source, `tensor ${quoted(name)} has an unknown field ${quoted(field)}`);
    });
    if (dtype === undefined || shape === undefined || offsets?.length !== 2) {
      throw malformed(this.source, `tensor ${quoted(name)} needs a dtype, a shape and two data_offsets`);
    }
    return { dtype, shape, offsets };
  }

  /** `{ key: value, … }`; `readValue` consumes the value. */
  private object(readValue: (key: string) => void): void {
    const keys = new Set<string>();
    this.expect("{");
    if (this.accept("}")) return;
    do {
      const key = this.string();
      if (keys.has(key)) throw malformed(this.source, `the name ${quoted(key)} stands twice in one object`);
      keys.add(key);
      this.expect(":");
      readValue(key);
    } while (this.accept(","));
    this.expect("}");
  }

  private integers(): readonly number[] {
    const values: number[] = [];
    this.expect("[");
    if (this.accept("]")) return values;
    do values.push(this.integer());
    while (this.accept(","));
    this.expect("]");
    return values;
  }

  private integer(): number {
    this.skipSpace();
    const digits = /(?:0|[1-9]\d{0,15})(?![\d.eE])/y;
    digits.lastIndex = this.position;
    const value = Number(digits.exec(this.text)?.[0] ?? this.fail("a whole number"));
    if (!Number.isSafeInteger(value)) this.fail("a number below 2^53");
    this.position = digits.lastIndex;
    return value;
  }

  private string(): string {
    this.expect('"');
    const start = this.position - 1;
    let end = start;
    do end = this.text.indexOf('"', end + 1);
    while (end !== -1 && this.isEscaped(end));
    if (end === -1) this.fail("a closing quote");
    let value = "";
    try {
      value = JSON.parse(this.text.slice(start, end + 1)) as string;
    } catch (cause) {
      throw malformed(this.source, `the text at character ${start} of the header is not JSON`, cause);
    }
    if (hasLoneSurrogate(value)) {
      throw malformed(
        this.source,
        `the text at character ${start} of the header has half of a surrogate pair`,
      );
    }
    this.position = end + 1;
    return value;
  }

  private isEscaped(position: number): boolean {
    let backslashes = 0;
    while (this.text[position - 1 - backslashes] === "\\") backslashes++;
    return backslashes % 2 === 1;
  }

  private skipSpace(): void {
    while (this.position < this.text.length && " \n\r\t".includes(this.text[this.position])) this.position++;
  }

  private accept(character: string): boolean {
    this.skipSpace();
    if (this.text[this.position] !== character) return false;
    this.position++;
    return true;
  }

  private expect(character: string): void {
    if (!this.accept(character)) this.fail(character);
  }

  private fail(expected: string): never {
    throw malformed(this.source, `expected ${expected} at character ${this.position} of the header`);
  }
}

/** Reads the JSON text of a header strictly; `source` names the file in errors (`checkpoint/malformed`). */
export function readHeader(text: string, source: string): SafetensorsHeader {
  return new HeaderReader(text, source).read();
}
