import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { isIsthmusError } from "@isthmus/core";
import { afterAll, describe, expect, it } from "vitest";
import { unpickleRecords } from "./pickled-batch.js";
import { BATCH, checkRecords, PIXELS, RECORD } from "./records.js";

const PICTURES = new Uint8Array(BATCH * PIXELS).map((_, i) => i % 251);
const LABELS = Uint8Array.from({ length: BATCH }, (_, i) => (i * 3) % 10);

/** The records that these pictures and labels are. */
function expectRecords(records: Uint8Array): void {
  const expected = new Uint8Array(BATCH * RECORD);
  for (let i = 0; i < BATCH; i++) {
    expected[i * RECORD] = LABELS[i];
    expected.set(PICTURES.subarray(i * PIXELS, (i + 1) * PIXELS), i * RECORD + 1);
  }
  expect(Buffer.compare(records, expected)).toBe(0);
}

const ascii = (text: string) => Buffer.from(text, "latin1");

/** A file as Python 2's cPickle wrote the published ones by protocol 2: keys and pixels are its strings. */
function pickled({ labels = LABELS, code = "u1", module = "numpy", pictures = PICTURES } = {}): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(pictures.length);
  return Buffer.concat([
    ascii("\x80\x02}q\x01(U\x0bbatch_labelU\x15training batch 1 of 5U\x06labels]("),
    ...Array.from(labels, (label) => Buffer.of(0x4b, label)),
    ascii(`eU\x04datac${module}.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01M`),
    ascii(
      `\x10\x27M\x00\x0c\x86cnumpy\ndtype\nU\x02${code}K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T`,
    ),
    length,
    pictures,
    ascii("tbu."),
  ]);
}

const problem = (bytes: Uint8Array): string => {
  try {
    checkRecords(unpickleRecords(bytes, "dir/data_batch_1"), "dir/data_batch_1");
    return "none";
  } catch (error) {
    if (!isIsthmusError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
};

describe("a file of the Python version", () => {
  it("becomes the records of the binary version", () => {
    expectRecords(unpickleRecords(pickled(), "x"));
  });

  it("runs nothing: a name that makes no array is refused", () => {
    expect(problem(pickled({ module: "os" }))).toMatch(/^checkpoint\/forbidden-pickle: dir\/data_batch_1/);
  });

  it.each([
    ["is cut off", pickled().subarray(0, 1_000_000), /it is cut off or damaged/],
    [
      "lacks an image",
      pickled({ pictures: PICTURES.subarray(PIXELS) }),
      /"data" is no array of 10000 × 3072 bytes/,
    ],
    ["lacks a label", pickled({ labels: LABELS.subarray(1) }), /"labels" is no list of 10000 classes/],
    ["holds other numbers than bytes", pickled({ code: "f4" }), /an array of bytes is expected/],
    [
      "has a label that is no class",
      pickled({ labels: LABELS.map(() => 10) }),
      /its record 0 has the label 10/,
    ],
    ["is no dictionary", ascii("\x80\x02K\x01."), /it is no dictionary/],
  ])("that %s is named", (_, bytes, message) => {
    expect(problem(bytes)).toMatch(/^data\/malformed: dir\/data_batch_1 /);
    expect(problem(bytes)).toMatch(message);
  });
});

const run = promisify(execFile);
const python = process.env.ISTHMUS_PYTHON ?? "python3";
const numpy = await run(python, ["-c", "import numpy"]).then(
  () => true,
  () => false,
);

describe.skipIf(!numpy)(
  "a file that numpy wrote (skipped without numpy; ISTHMUS_PYTHON names a Python)",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "isthmus-cifar-"));
    afterAll(() => rm(folder, { recursive: true }));

    it("becomes the records of the binary version, by every protocol that knows bytes", async () => {
      const script = [
        "import numpy, pickle",
        `data = numpy.resize(numpy.arange(251, dtype=numpy.uint8), (${BATCH}, ${PIXELS}))`,
        `labels = [i * 3 % 10 for i in range(${BATCH})]`,
        `for protocol in (3, 4, 5): pickle.dump({b"data": data, b"labels": labels}, open(str(protocol), "wb"), protocol)`,
      ];
      await run(python, ["-c", script.join("\n")], { cwd: folder });
      for (const protocol of ["3", "4", "5"]) {
        expectRecords(unpickleRecords(await readFile(join(folder, protocol)), protocol));
      }
    });
  },
);
