import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { unpickle } from "./unpickle.js";

const run = promisify(execFile);
const python = process.env.ISTHMUS_PYTHON ?? "python3";

/** Random values, pickled in every protocol by Python itself, and the same as JSON in which each value has its type. */
const SCRIPT = String.raw`
import base64, json, pickle, pickletools, random
from collections import OrderedDict
random.seed(7)

def value(depth):
    kinds = ["int", "big", "float", "text", "bytes", "bool", "none"] + ["list", "tuple", "dict", "ordered"] * (depth > 0)
    kind = random.choice(kinds)
    if kind == "int": return random.choice([0, 1, -1, 255, 256, 65535, 65536, -2**31, 2**31, random.getrandbits(40)])
    if kind == "big": return random.choice([1, -1]) * random.getrandbits(random.choice([64, 100, 2000]))
    if kind == "float": return random.choice([0.0, -0.0, 1e-5, float("inf"), random.gauss(0, 1)])
    if kind == "text": return "".join(random.choice("ab\n\\'\"äß漢🙂\0") for _ in range(random.choice([0, 3, 300])))
    if kind == "bytes": return bytes(random.getrandbits(8) for _ in range(random.choice([0, 3, 300])))
    if kind == "bool": return random.random() < 0.5
    if kind == "none": return None
    items = [value(depth - 1) for _ in range(random.randrange(5))]
    if kind == "list": return items
    if kind == "tuple": return tuple(items)
    return (dict if kind == "dict" else OrderedDict)(("key %d" % i, item) for i, item in enumerate(items))

def told(v):
    if isinstance(v, bool) or v is None: return v
    if isinstance(v, int): return ["int", str(v)]
    if isinstance(v, float): return ["float", repr(v) if v == v and abs(v) != float("inf") else "inf"]
    if isinstance(v, str): return v
    if isinstance(v, bytes): return ["bytes", v.hex()]
    if isinstance(v, dict): return ["map", [[k, told(item)] for k, item in v.items()]]
    return ["array", [told(item) for item in v]]

for _ in range(60):
    v = value(3)
    for protocol in range(6):
        raw = pickle.dumps(v, protocol)
        if random.random() < 0.5: raw = pickletools.optimize(raw)
        print(json.dumps([protocol, base64.b64encode(raw).decode(), told(v)]))
`;

/** A value as the script tells it. */
function told(value: unknown): unknown {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "bigint") return ["int", String(value)];
  if (value instanceof Uint8Array) return ["bytes", Buffer.from(value).toString("hex")];
  if (value instanceof Map) return ["map", [...value].map(([key, item]) => [key, told(item)])];
  if (Array.isArray(value)) return ["array", value.map(told)];
  throw new Error(`A number ${value} is told by its expected type.`);
}

/** Numbers have one type here and two in Python: the expected one decides. */
function sameAs(value: unknown, expected: unknown): boolean {
  if (typeof value === "number" && Array.isArray(expected)) {
    const [kind, text] = expected as [string, string];
    if (kind === "int") return String(BigInt(value)) === text;
    return Object.is(value, text === "inf" ? Infinity : Number(text));
  }
  if (Array.isArray(value) || value instanceof Map) {
    const [kind, items] = expected as [string, unknown[]];
    if (Array.isArray(value))
      return (
        kind === "array" && value.length === items.length && value.every((each, i) => sameAs(each, items[i]))
      );
    const pairs = items as [string, unknown][];
    return (
      kind === "map" &&
      value.size === pairs.length &&
      [...value].every(([key, item], i) => key === pairs[i][0] && sameAs(item, pairs[i][1]))
    );
  }
  return JSON.stringify(told(value)) === JSON.stringify(expected);
}

const output = await run(python, ["-c", SCRIPT], { maxBuffer: 1e8 }).then(
  ({ stdout }) => stdout,
  (error: Error) => {
    process.stderr.write(
      `Skipped: no Python for pickles of its own making. ${error.message.split("\n")[0]}\n`,
    );
    return undefined;
  },
);

it.skipIf(output === undefined)("gives the values that Python pickled, in every protocol", () => {
  const latin1 = ([text]: readonly unknown[]) =>
    Uint8Array.from(text as string, (each) => each.charCodeAt(0));
  const globals = new Map([
    ["collections.OrderedDict", { build: () => new Map() }],
    ["_codecs.encode", { build: latin1 }],
    ["__builtin__.bytes", { build: () => new Uint8Array(0) }],
  ]);
  const lines = (output ?? "").trim().split("\n");
  expect(lines).toHaveLength(360);
  for (const line of lines) {
    const [protocol, raw, expected] = JSON.parse(line) as [number, string, unknown];
    const { value } = unpickle(Buffer.from(raw, "base64"), "python.pkl", { globals });
    expect(sameAs(value, expected), `protocol ${protocol}: ${JSON.stringify(expected).slice(0, 200)}`).toBe(
      true,
    );
  }
});
