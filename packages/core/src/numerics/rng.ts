import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

type Key = readonly [number, number, number, number];

/** Final mix of MurmurHash3 (Appleby 2008): every input bit reaches every output bit. */
function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** 128 bits from a key and a word sequence: four lanes with their own multipliers, then cross-mixed. */
function derive(key: Key, words: Iterable<number>): Key {
  let [a, b, c, d] = key;
  for (const word of words) {
    a = Math.imul(a ^ word, 0x9e3779b1) + b;
    b = Math.imul(b ^ word, 0x85ebca77) + c;
    c = Math.imul(c ^ word, 0xc2b2ae3d) + d;
    d = Math.imul(d ^ word, 0x27d4eb2f) + mix(a);
  }
  for (let round = 0; round < 2; round++) {
    a = mix(a + d);
    b = mix(b + a);
    c = mix(c + b);
    d = mix(d + c);
  }
  return [a, b, c, d];
}

function* charCodes(text: string): Generator<number> {
  for (let i = 0; i < text.length; i++) yield text.charCodeAt(i);
  yield 0x10000 + text.length;
}

/**
 * A stream of random numbers that is derived, never carried: `fork(label)` depends only on the seed and the path of
 * labels, and consumes nothing. Draws come from xoroshiro128+ (Blackman & Vigna 2018) started at the stream's 128-bit key.
 *
 * @example
 * const rng = Rng.seed(0);
 * const order = rng.fork("order/3").permutation(60000); // the shuffle of epoch 3, whatever was drawn before
 */
export class Rng {
  readonly #key: Key;
  #generator: RandomGenerator | undefined;
  #spare: number | undefined;

  private constructor(key: Key) {
    this.#key = key;
  }

  /** The root stream of a seed, a safe integer ≥ 0. */
  static seed(seed: number): Rng {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new RangeError(`A seed is an integer ≥ 0, not ${seed}.`);
    return new Rng(
      derive([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [seed >>> 0, Math.floor(seed / 2 ** 32)]),
    );
  }

  /** The stream below this one that is named `label`; the same whatever was drawn from this one. `fork("a/b")` is not `fork("a").fork("b")`. */
  fork(label: string): Rng {
    return new Rng(derive(this.#key, charCodes(label)));
  }

  /** A random 32-bit integer, signed. */
  bits(): number {
    this.#generator ??= xoroshiro128plusFromState([...this.#key]);
    return this.#generator.next();
  }

  /** Uniform on [0, 1), 53 bits. */
  uniform(): number {
    const high = this.bits() >>> 5;
    const low = this.bits() >>> 6;
    return (high * 2 ** 26 + low) * 2 ** -53;
  }

  /** Uniform on {0, …, n - 1}, without bias; n in 1…2³². */
  int(n: number): number {
    if (!(Number.isInteger(n) && n >= 1 && n <= 2 ** 32))
      throw new RangeError(`n is an integer from 1 to 2³², not ${n}.`);
    if (n === 2 ** 32) return this.bits() >>> 0;
    for (;;) {
      const value = this.bits() >>> 0;
      // `>>> 0` says that n is an integer too: else the remainder is one of floating-point numbers, which takes several times as long.
      const rest = value % (n >>> 0);
      // Values beyond the last whole multiple of n would make small results likelier.
      if (value - rest + n <= 2 ** 32) return rest;
    }
  }

  /** Standard normal (Box & Muller 1958). */
  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare;
      this.#spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** `length` values uniform on [low, high), then rounded to single precision, which may give a bound itself. */
  uniforms(length: number, low = 0, high = 1): Float32Array {
    const values = new Float32Array(length);
    const scale = (high - low) * 2 ** -24;
    for (let i = 0; i < length; i++) values[i] = low + (this.bits() >>> 8) * scale;
    return values;
  }

  /** `length` normal values of mean 0. */
  normals(length: number, std = 1): Float32Array {
    const values = new Float32Array(length);
    for (let i = 0; i < length; i++) values[i] = std * this.normal();
    return values;
  }

  /** 0…n-1 in random order (Fisher & Yates). */
  permutation(n: number): Uint32Array {
    const order = new Uint32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    for (let i = n - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const held = order[i];
      order[i] = order[j];
      order[j] = held;
    }
    return order;
  }
}
