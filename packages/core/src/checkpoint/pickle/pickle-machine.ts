import { IsthmusError } from "../../errors/isthmus-error.js";
import { quoted } from "../safetensors-header.js";
import type { ByteCursor } from "./byte-cursor.js";

/** A name that a pickle may use: what calling it gives. */
export interface PickleGlobal {
  /**
   * Called with the arguments; without it the name can be mentioned (a type, say) but not called. Throws where they are wrong.
   * Calls `spend` with the number of bytes or values it is about to make, where that depends on its arguments: a pickle can hand
   * the same long text over a million times.
   */
  build?(args: readonly unknown[], spend: (count: number) => void): unknown;
  /** Called where the pickle sets the state of an object that `build` gave; without it states are left aside. */
  setState?(object: object, state: unknown, spend: (count: number) => void): void;
}

/** What a pickle is read with. */
export interface UnpickleOptions {
  /** The names a pickle may use, as `module.name`. Whatever is not among them is refused. */
  readonly globals: ReadonlyMap<string, PickleGlobal>;
  /** What a persistent id stands for; without it a pickle with one is refused. Throws where the id is wrong. */
  readonly persistent?: (id: unknown) => unknown;
}

/** A mention of an allowed name, as a value. */
export class PickleName {
  constructor(readonly name: string) {}
}

/** Bytes of Python 2's strings and of `bytes`, as text where a name or key is expected; other values as they are. */
export function asText(value: unknown): unknown {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
}

/** Stack, marks and memo of a pickle being read, and the three ways in which it can reach beyond plain values. */
export class PickleMachine {
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  /** Who sets the state of an object. */
  readonly #makers = new WeakMap<object, PickleGlobal>();
  /** How much more may be made out of values that were recalled. */
  #budget: number;

  constructor(
    readonly cursor: ByteCursor,
    readonly options: UnpickleOptions,
  ) {
    this.#budget = 1e6 + 16 * cursor.bytes.length;
  }

  /** Accounts for bytes or values about to be made out of others; refuses more than 16 times the file's size. */
  readonly spend = (count: number): void => {
    this.#budget -= count;
    if (!(this.#budget >= 0)) throw this.malformed("makes far more out of its bytes than they are");
  };

  /** Bytes as text, where a key is expected; other values as they are. */
  asKey(value: unknown): unknown {
    if (value instanceof Uint8Array) this.spend(value.length);
    return asText(value);
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  pop(): unknown {
    this.#need();
    return this.#stack.pop();
  }

  top(): unknown {
    this.#need();
    return this.#stack.at(-1);
  }

  #need(): void {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0))
      throw this.malformed("takes a value where there is none");
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** The values since the last mark, taken off with it. */
  popMark(): unknown[] {
    const begin = this.#marks.pop();
    if (begin === undefined) throw this.malformed("takes a mark where there is none");
    return this.#stack.splice(begin);
  }

  /** `POP` takes off a mark where that is what lies on top. */
  discard(): void {
    if (this.#marks.length > 0 && this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  remember(index: number = this.#memo.size): void {
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) throw this.malformed(`recalls a value ${index} that it never kept`);
    this.push(this.#memo.get(index));
  }

  malformed(problem: string, cause?: unknown): Error {
    return this.cursor.malformed(`at byte ${this.cursor.position} it ${problem}`, cause);
  }

  forbidden(what: string): IsthmusError {
    return new IsthmusError({
      code: "checkpoint/forbidden-pickle",
      message: `${this.cursor.source} tried ${what}. A pickle is a program; none of this one was run beyond plain values.`,
      hint: "Where you trust its maker, load it in Python and save the tensors alone: torch.save(model.state_dict(), FILE) for a network.",
    });
  }

  /** Pushes the mention of a name, which must be allowed. */
  pushName(module: unknown, name: unknown): void {
    const [from, what] = [this.asKey(module), this.asKey(name)];
    if (typeof from !== "string" || typeof what !== "string")
      throw this.malformed("names something by no text");
    const full = `${from}.${what}`;
    if (!this.options.globals.has(full)) throw this.forbidden(quoted(full).slice(1, -1));
    this.push(new PickleName(full));
  }

  /** Pushes what an allowed name gives for arguments. */
  call(callee: unknown, args: unknown): void {
    if (!(callee instanceof PickleName) || !Array.isArray(args))
      throw this.malformed("calls what is no function");
    const global = this.options.globals.get(callee.name);
    if (global?.build === undefined) throw this.forbidden(`to call ${callee.name}`);
    const { build } = global;
    const value = this.#outside(callee.name, () => build(args, this.spend));
    if (typeof value === "object" && value !== null) this.#makers.set(value, global);
    this.push(value);
  }

  /** Sets the state of the value on top. */
  setState(state: unknown): void {
    const object = this.top();
    if (typeof object !== "object" || object === null) return;
    this.#outside("a state", () => this.#makers.get(object)?.setState?.(object, state, this.spend));
  }

  pushPersistent(id: unknown): void {
    const { persistent } = this.options;
    if (persistent === undefined) throw this.malformed("refers to something outside of itself");
    this.push(this.#outside("a persistent id", () => persistent(id)));
  }

  /** What was made by somebody else's code, whose errors are about the pickle. */
  #outside<Value>(what: string, make: () => Value): Value {
    try {
      return make();
    } catch (cause) {
      if (cause instanceof IsthmusError) throw cause;
      throw this.malformed(`gives wrong arguments to ${what} (${(cause as Error).message})`, cause);
    }
  }
}
