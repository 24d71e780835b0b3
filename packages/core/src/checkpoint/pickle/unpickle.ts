import { ByteCursor } from "./byte-cursor.js";
import { OPERATIONS } from "./operations.js";
import { PickleMachine, type UnpickleOptions } from "./pickle-machine.js";

/** Most operations that are carried out: what a file of a hundred thousand tensors needs. */
const MAX_OPERATIONS = 3_000_000;

const STOP = ".";

/**
 * Reads a Python pickle (protocols 0 to 5) that consists of plain values and of calls to the names in `globals`, and runs nothing else:
 * a pickle is a program that can call whatever Python can import. Time and memory are bounded by the size of the file.
 *
 * None → null, bool, float and int → boolean, number (bigint beyond 2⁵³), str → string, bytes and Python 2's str → `Uint8Array` in the
 * memory of `bytes`, list and tuple → array, dict → `Map`, whose keys are text also where they were bytes; a mention of a name →
 * {@link PickleName}.
 *
 * @returns the value, and the position after the pickle
 * @throws `checkpoint/forbidden-pickle` with the name that was tried, `checkpoint/malformed`; nothing else
 *
 * @example
 * const globals = new Map([["collections.OrderedDict", { build: () => new Map() }]]);
 * const { value } = unpickle(bytes, "labels.pkl", { globals });
 */
export function unpickle(
  bytes: Uint8Array,
  source: string,
  options: UnpickleOptions,
  start = 0,
): { readonly value: unknown; readonly end: number } {
  const cursor = new ByteCursor(bytes, source, "a valid pickle", start);
  const machine = new PickleMachine(cursor, options);
  for (let count = 0; count < MAX_OPERATIONS; count++) {
    const code = String.fromCharCode(cursor.uint8());
    if (code === STOP) return { value: machine.pop(), end: cursor.position };
    const operation = OPERATIONS.get(code);
    if (operation === undefined) {
      throw machine.malformed(
        `asks for operation 0x${code.charCodeAt(0).toString(16)}, which is not supported`,
      );
    }
    operation(machine);
  }
  throw machine.malformed(`has more than ${MAX_OPERATIONS} operations`);
}
