import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isIsthmusError } from "../../errors/isthmus-error.js";
import { PickleName } from "./pickle-machine.js";
import { unpickle } from "./unpickle.js";

/** Bytes of a pickle written by hand: characters are bytes. */
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

const globals = new Map([
  ["collections.OrderedDict", { build: () => new Map() }],
  ["torch.FloatStorage", {}],
]);
const read = (text: string) => unpickle(bytes(text), "some/file.pkl", { globals }).value;

function errorOf(text: string): { code: string; message: string; hint: string } {
  try {
    read(text);
  } catch (error) {
    return error as { code: string; message: string; hint: string };
  }
  throw new Error("The pickle was accepted.");
}

describe("plain values", () => {
  // Written by Python: pickletools.optimize(pickle.dumps(value, protocol)).
  it.each<[string, string, unknown]>([
    ["None", "N.", null],
    ["True", "\x80\x02\x88.", true],
    ["False of protocol 0", "I00\n.", false],
    ["True of protocol 0", "I01\n.", true],
    ["1 of protocol 0", "I1\n.", 1],
    ["-3", "\x80\x02J\xfd\xff\xff\xff.", -3],
    ["255", "\x80\x02K\xff.", 255],
    ["65535", "\x80\x02M\xff\xff.", 65535],
    ["2**40", "\x80\x02\x8a\x06\x00\x00\x00\x00\x00\x01.", 2 ** 40],
    ["-1 as a long", "\x80\x02\x8a\x01\xff.", -1],
    ["0 as a long", "\x80\x02\x8a\x00.", 0],
    ["2**64", "\x80\x02\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.", 2n ** 64n],
    ["a long of Python 2", "L12L\n.", 12],
    ["1.5", "\x80\x02G\x3f\xf8\x00\x00\x00\x00\x00\x00.", 1.5],
    ["1e-05 of protocol 0", "F1e-05\n.", 1e-5],
    ["infinity of protocol 0", "F-inf\n.", -Infinity],
    ["text", "\x80\x02X\x03\x00\x00\x00\xc3\xa4b.", "äb"],
    ["text of protocol 0", "Va\\u000a\\u6f22\xe4\n.", "a\n漢ä"],
    ["text of protocol 4", "\x80\x04\x8c\x02hi\x94.", "hi"],
    ["bytes", "\x80\x03C\x02\x00\xff.", Uint8Array.of(0, 255)],
    ["a string of Python 2", "\x80\x02U\x02\xffa.", Uint8Array.of(255, 97)],
    ["a string of protocol 0", "S'a\\x00\\n\\'\\\\'\np0\n.", bytes("a\0\n'\\")],
    [
      "(), (1,), (1, 2), (1, 2, 3)",
      "\x80\x02()K\x01\x85K\x01K\x02\x86K\x01K\x02K\x03\x87t.",
      [[], [1], [1, 2], [1, 2, 3]],
    ],
    ["a list", "\x80\x02](K\x01K\x02eK\x03a.", [1, 2, 3]],
    ["a list of protocol 0", "(lI1\na.", [1]],
    [
      "a dictionary",
      "\x80\x02}(X\x01\x00\x00\x00aK\x01X\x01\x00\x00\x00bK\x02u.",
      new Map([
        ["a", 1],
        ["b", 2],
      ]),
    ],
    ["a dictionary of protocol 0", "(dVa\nI1\ns.", new Map([["a", 1]])],
    ["keys of bytes as text", "\x80\x02}U\x01aK\x01s.", new Map([["a", 1]])],
    ["a value that is used twice", "\x80\x02]q\x00h\x00\x86.", [[], []]],
    ["a value kept and dropped", "\x80\x04K\x07\x940h\x00.", 7],
    ["a frame", "\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00K\x01.", 1],
    ["a dropped mark", "K\x01(0.", 1],
  ])("reads %s", (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it("gives one object for one object, also where it holds itself", () => {
    const list = read("]q\x00h\x00a.") as unknown[];
    expect(list[0]).toBe(list);
  });

  it("starts where it is told, and says where the pickle ends", () => {
    expect(unpickle(bytes("..K\x05.rest"), "x", { globals }, 2)).toEqual({ value: 5, end: 5 });
  });
});

describe("names", () => {
  it("are called where they are allowed, in every way a pickle can call", () => {
    for (const text of [
      "ccollections\nOrderedDict\n)R.",
      "\x80\x02ccollections\nOrderedDict\n)\x81.",
      "\x80\x04\x8c\x0bcollections\x8c\x0bOrderedDict\x93)R.",
      "(icollections\nOrderedDict\n.",
      "(ccollections\nOrderedDict\no.",
    ]) {
      expect(read(text)).toEqual(new Map());
    }
  });

  it("are values where they are only mentioned", () => {
    expect(read("ctorch\nFloatStorage\n.")).toEqual(new PickleName("torch.FloatStorage"));
  });

  it.each<[string, string, RegExp]>([
    ["a shell", "cos\nsystem\n(S'echo'\ntR.", /^some\/file\.pkl tried os\.system\./],
    [
      "a shell, as protocol 4 writes it",
      "\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02ls\x85R.",
      /tried posix\.system/,
    ],
    ["a name put together from bytes", "\x80\x04C\x08builtinsC\x04eval\x93.", /tried builtins\.eval/],
    ["an instance", "(ibuiltins\nexec\n.", /tried builtins\.exec/],
    ["a name of an object", "\x80\x04\x8c\x05torch\x8c\x13FloatStorage.__init\x93.", /FloatStorage\.__init/],
    [
      "a call of what may only be mentioned",
      "ctorch\nFloatStorage\n)R.",
      /tried to call torch\.FloatStorage/,
    ],
    ["a name with control characters", "ca\x1b[2J\nb\n.", /tried a\\u001b\[2J\.b/],
  ])("refuses %s by name", (_, text, message) => {
    expect(errorOf(text)).toMatchObject({
      code: "checkpoint/forbidden-pickle",
      message: expect.stringMatching(message),
      hint: expect.stringContaining("state_dict"),
    });
  });

  it("call nothing before the forbidden one is refused", () => {
    let calls = 0;
    const counting = new Map([["a.b", { build: () => ++calls }]]);
    expect(() => unpickle(bytes("cos\nsystem\n(tRca\nb\n)R."), "x", { globals: counting })).toThrowError();
    expect(calls).toBe(0);
  });

  it("set states through those who made the object, once", () => {
    const states: unknown[] = [];
    const box = {
      build: () => ({}),
      setState: (object: object, state: unknown) => void states.push([object, state]),
    };
    const made = unpickle(bytes("ca\nb\n)RK\x01b."), "x", { globals: new Map([["a.b", box]]) }).value;
    expect(states).toEqual([[made, 1]]);
    expect(read("ccollections\nOrderedDict\n)RK\x01b.")).toEqual(new Map());
  });

  it("say where their arguments are wrong", () => {
    const build = () => {
      throw new TypeError("two numbers are needed");
    };
    const refused = () => unpickle(bytes("ca\nb\n)R."), "x", { globals: new Map([["a.b", { build }]]) });
    expect(refused).toThrowError(/wrong arguments to a\.b \(two numbers are needed\)/);
  });
});

describe("persistent ids", () => {
  it("are resolved by the reader", () => {
    const persistent = (id: unknown) => ({ id });
    expect(unpickle(bytes("K\x05QPsix\n\x86."), "x", { globals, persistent }).value).toEqual([
      { id: 5 },
      { id: "six" },
    ]);
  });

  it("are refused where there is none", () => {
    expect(errorOf("K\x05Q.").message).toMatch(/outside of itself/);
  });
});

describe("damaged pickles", () => {
  it.each<[string, string, RegExp]>([
    ["nothing", "", /ends within 1 bytes/],
    ["no end", "K\x01", /ends within/],
    ["an empty stack", ".", /takes a value where there is none/],
    ["a value behind the mark", "K\x01(a.", /takes a value/],
    ["a tuple without a mark", "K\x01t.", /takes a mark/],
    ["a value never kept", "h\x00.", /recalls a value 0/],
    ["a text longer than the file", "X\xff\xff\xff\x7fa.", /ends within 2147483647 bytes/],
    ["bytes of 64 bits", "\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", /has a size of/],
    ["text that is not UTF-8", "X\x01\x00\x00\x00\xff.", /not UTF-8/],
    ["a line without an end", "I12", /has no end/],
    ["an integer that is none", "I1x\n.", /integer that is none/],
    ["a number that is none", "F1x\n.", /number that is none/],
    ["an integer of a kilobyte", `\x8b\x00\x04\x00\x00${"\x01".repeat(1024)}.`, /integer of 1024 bytes/],
    ["a list of what is no list", "K\x01K\x02a.", /no list/],
    ["an item of what is no dictionary", "]K\x01K\x02s.", /no dictionary/],
    ["a call of what is no function", "K\x01)R.", /no function/],
    ["a set", "\x80\x04\x8f.", /operation 0x8f/],
    ["an extension", "\x82\x01.", /operation 0x82/],
    ["a later protocol", "\x80\x09N.", /protocol 9/],
  ])("are refused: %s", (_, text, message) => {
    expect(errorOf(text)).toMatchObject({
      code: "checkpoint/malformed",
      message: expect.stringMatching(message),
    });
  });

  it("cannot make much out of little by recalling it", () => {
    const key = `T\x40\x42\x0f\x00${"a".repeat(1_000_000)}q\x000`; // a megabyte, kept
    const setting = "h\x00Ns".repeat(1000); // as a key, a thousand times
    expect(errorOf(`${key}}${setting}.`).message).toMatch(/makes far more/);
  });

  it("nest as deep as they like", () => {
    expect(() => read(`${"]".repeat(100_000)}${"a".repeat(99_999)}.`)).not.toThrow();
  });

  it("of random bytes and of changed valid ones end, and raise nothing but coded errors", () => {
    const valid = bytes(
      "\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01(X\x01\x00\x00\x00aq\x02]q\x03(K\x01G\x3f\xf8\x00\x00\x00\x00\x00\x00e\x8a\x02\x01\x02u}b.",
    );
    const changed = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((changes) => {
        const copy = valid.slice();
        for (const [position, value] of changes) copy[position] = value;
        return copy;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), changed), (content) => {
        try {
          unpickle(content, "fuzzed", { globals, persistent: (id) => id });
        } catch (error) {
          if (!isIsthmusError(error)) throw error;
          expect(error.code).toMatch(/^checkpoint\/(malformed|forbidden-pickle)$/);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
