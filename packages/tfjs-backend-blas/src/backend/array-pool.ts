/** Arrays of fewer numbers are made anew: that is as fast. */
const SMALLEST = 2 ** 14;

/** At most so many numbers wait to be used again (512 MB). */
const MOST = 2 ** 27;

/**
 * Large arrays that are used again once nobody has them. A new array costs more than filling it: the system hands out its pages one
 * by one, and the garbage collector has to find out that the old one is gone.
 */
export class ArrayPool {
  readonly #free = new Map<number, Float32Array[]>();
  readonly #lent = new WeakSet<Float32Array>();
  #waiting = 0;

  /** An array of so many numbers, whatever they are. */
  take(size: number): Float32Array {
    if (size < SMALLEST) return new Float32Array(size);
    const used = this.#free.get(size)?.pop();
    if (used !== undefined) this.#waiting -= size;
    const array = used ?? new Float32Array(size);
    this.#lent.add(array);
    return array;
  }

  /** Takes back an array that nobody reads any more; one that is not lent is left alone. */
  giveBack(array: Float32Array): void {
    const { length } = array;
    if (!this.#lent.delete(array) || this.#waiting + length > MOST) return;
    const waiting = this.#free.get(length);
    if (waiting === undefined) this.#free.set(length, [array]);
    else waiting.push(array);
    this.#waiting += length;
  }

  /** Takes note that somebody may keep an array: it will not be used again. */
  letGo(array: Float32Array): void {
    this.#lent.delete(array);
  }
}
