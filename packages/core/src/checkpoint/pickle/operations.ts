import type { PickleMachine } from "./pickle-machine.js";

/** Longest integer that is read, in bytes: more than any seed or size needs. */
const MAX_INTEGER = 256;

/** A whole number: as a number where that is exact. */
function exact(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** Two's complement, least significant byte first. */
function long(machine: PickleMachine, length: number): number | bigint {
  if (length > MAX_INTEGER) throw machine.malformed(`has an integer of ${length} bytes`);
  const bytes = machine.cursor.take(length);
  let value = 0n;
  for (const byte of bytes.toReversed()) value = value * 256n + BigInt(byte);
  return exact(BigInt.asIntN(length * 8, value));
}

/** The decimal integer of a line, also with the L of Python 2. */
function decimal(machine: PickleMachine): number | bigint {
  const line = machine.cursor.line(1000);
  if (!/^[+-]?\d+L?$/.test(line)) throw machine.malformed("has an integer that is none");
  return exact(BigInt(line.replace(/^\+|L$/g, "")));
}

/** `INT`, which also writes booleans. */
function intLine(machine: PickleMachine): unknown {
  const { cursor } = machine;
  const [a, b, end] = cursor.bytes.subarray(cursor.position, cursor.position + 3);
  if (a !== 0x30 || end !== 0x0a || (b !== 0x30 && b !== 0x31)) return decimal(machine);
  cursor.skip(3);
  return b === 0x31;
}

function floatLine(machine: PickleMachine): number {
  const line = machine.cursor.line(1000);
  const named = { inf: Infinity, "-inf": -Infinity, nan: NaN, "-nan": NaN }[line];
  const value = named ?? (/^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(line) ? Number(line) : NaN);
  if (Number.isNaN(value) && named === undefined) throw machine.malformed("has a number that is none");
  return value;
}

const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, "\\": 92, "'": 39, '"': 34 };

/** A Python 2 string as it was printed, in quotes: its bytes. */
function quotedBytes(machine: PickleMachine): Uint8Array {
  const line = machine.cursor.line(10_000_000);
  const body = /^(['"])(.*)\1$/s.exec(line)?.[2];
  if (body === undefined) throw machine.malformed("has a string without quotes");
  const characters = body.matchAll(/\\x([0-9a-f]{2})|\\(.)|([^\\])/gs);
  return Uint8Array.from(characters, ([, hex, escaped, plain]) => {
    if (hex !== undefined) return Number.parseInt(hex, 16);
    if (plain !== undefined) return plain.charCodeAt(0);
    return ESCAPES[escaped] ?? escaped.charCodeAt(0);
  });
}

/** A line of text in which \uXXXX stands for a character. */
function escapedLine(machine: PickleMachine): string {
  const line = machine.cursor.line(10_000_000);
  return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short?: string, wide?: string) => {
    const point = Number.parseInt(short ?? (wide as string), 16);
    if (point > 0x10ffff) throw machine.malformed("has a character beyond Unicode");
    return String.fromCodePoint(point);
  });
}

function append(machine: PickleMachine, items: readonly unknown[]): void {
  const list = machine.top();
  if (!Array.isArray(list)) throw machine.malformed("appends to what is no list");
  for (const item of items) list.push(item);
}

/** Sets keys and values, which alternate; keys of bytes become text. */
function setItems(machine: PickleMachine, items: readonly unknown[]): void {
  const target = machine.top();
  if (!(target instanceof Map) || items.length % 2 !== 0)
    throw machine.malformed("sets an item of what is no dictionary");
  for (let i = 0; i < items.length; i += 2) target.set(machine.asKey(items[i]), items[i + 1]);
}

function pushTuple(machine: PickleMachine, length: number): void {
  const items: unknown[] = [];
  while (items.length < length) items.unshift(machine.pop());
  machine.push(items);
}

function instance(machine: PickleMachine): void {
  const args = machine.popMark();
  machine.pushName(machine.cursor.line(), machine.cursor.line());
  machine.call(machine.pop(), args);
}

function callWith(machine: PickleMachine): void {
  const args = machine.pop();
  machine.call(machine.pop(), args);
}

/** An operation that pushes one value. */
const value = (read: (machine: PickleMachine) => unknown) => (machine: PickleMachine) =>
  machine.push(read(machine));

/** What each byte of a pickle does (protocols 0 to 5); lists and tuples become arrays, dictionaries maps. */
export const OPERATIONS: ReadonlyMap<string, (machine: PickleMachine) => void> = new Map(
  Object.entries<(machine: PickleMachine) => void>({
    "(": (machine) => machine.mark(),
    "0": (machine) => machine.discard(),
    "1": (machine) => void machine.popMark(),
    "2": (machine) => machine.push(machine.top()),
    N: value(() => null),
    "\x88": value(() => true),
    "\x89": value(() => false),
    I: value(intLine),
    L: value(decimal),
    F: value(floatLine),
    J: value(({ cursor }) => cursor.int32()),
    K: value(({ cursor }) => cursor.uint8()),
    M: value(({ cursor }) => cursor.uint16()),
    G: value(({ cursor }) => cursor.float64BigEndian()),
    "\x8a": value((machine) => long(machine, machine.cursor.uint8())),
    "\x8b": value((machine) => long(machine, machine.cursor.uint32())),
    S: value(quotedBytes),
    T: value(({ cursor }) => cursor.take(cursor.uint32())),
    U: value(({ cursor }) => cursor.take(cursor.uint8())),
    B: value(({ cursor }) => cursor.take(cursor.uint32())),
    C: value(({ cursor }) => cursor.take(cursor.uint8())),
    "\x8e": value(({ cursor }) => cursor.take(cursor.uint64())),
    "\x96": value(({ cursor }) => cursor.take(cursor.uint64())),
    V: value(escapedLine),
    X: value(({ cursor }) => cursor.text(cursor.uint32())),
    "\x8c": value(({ cursor }) => cursor.text(cursor.uint8())),
    "\x8d": value(({ cursor }) => cursor.text(cursor.uint64())),
    ")": value(() => []),
    t: value((machine) => machine.popMark()),
    "\x85": (machine) => pushTuple(machine, 1),
    "\x86": (machine) => pushTuple(machine, 2),
    "\x87": (machine) => pushTuple(machine, 3),
    "]": value(() => []),
    l: value((machine) => machine.popMark()),
    a: (machine) => append(machine, [machine.pop()]),
    e: (machine) => append(machine, machine.popMark()),
    "}": value(() => new Map()),
    d: (machine) => {
      const items = machine.popMark();
      machine.push(new Map());
      setItems(machine, items);
    },
    s: (machine) => {
      const item = machine.pop();
      setItems(machine, [machine.pop(), item]);
    },
    u: (machine) => setItems(machine, machine.popMark()),
    p: (machine) => machine.remember(Number(decimal(machine))),
    q: (machine) => machine.remember(machine.cursor.uint8()),
    r: (machine) => machine.remember(machine.cursor.uint32()),
    "\x94": (machine) => machine.remember(),
    g: (machine) => machine.recall(Number(decimal(machine))),
    h: (machine) => machine.recall(machine.cursor.uint8()),
    j: (machine) => machine.recall(machine.cursor.uint32()),
    c: (machine) => machine.pushName(machine.cursor.line(), machine.cursor.line()),
    "\x93": (machine) => {
      const name = machine.pop();
      machine.pushName(machine.pop(), name);
    },
    i: instance,
    o: (machine) => {
      const [callee, ...args] = machine.popMark();
      machine.call(callee, args);
    },
    R: callWith,
    "\x81": callWith,
    b: (machine) => machine.setState(machine.pop()),
    P: (machine) => machine.pushPersistent(machine.cursor.line()),
    Q: (machine) => machine.pushPersistent(machine.pop()),
    "\x80": (machine) => {
      const protocol = machine.cursor.uint8();
      if (protocol > 5) throw machine.malformed(`says that it is of protocol ${protocol}`);
    },
    "\x95": ({ cursor }) => void cursor.uint64(),
  }),
);
