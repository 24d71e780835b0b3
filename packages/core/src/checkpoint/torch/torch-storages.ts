import type { Dtype } from "../dtypes.js";

/** What a persistent id says of a storage: a part of what the file keeps under a key. */
export interface StorageId {
  readonly key: string;
  readonly type: Dtype;
  /** Number of values. */
  readonly count: number;
  /** First value: other than 0 in some files before PyTorch 1.6. */
  readonly offset: number;
}

/** All values under one key, as float32. They may come after the pickle, so they are asked for when they are needed. */
export interface StoredValues {
  readonly count: number;
  readonly data: Float32Array;
  /** Whether float32 was too short for one of them. */
  readonly rounded: boolean;
}

/** Values that tensors are views of. */
export class TorchStorage {
  constructor(
    readonly count: number,
    readonly offset: number,
    readonly whole: StoredValues,
  ) {}
}

/** A copy with the bytes of each value of `size` bytes turned round. */
function swapBytes(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes);
  for (let begin = 0; begin < result.length; begin += size) result.subarray(begin, begin + size).reverse();
  return result;
}

/** The values under a key, read and converted at most once. */
class LazyValues implements StoredValues {
  #bytes: Uint8Array | undefined;
  #values: { readonly data: Float32Array; readonly rounded: boolean } | undefined;

  constructor(
    private readonly read: () => Uint8Array,
    private readonly type: Dtype,
    private readonly bigEndian: boolean,
  ) {}

  #content(): Uint8Array {
    this.#bytes ??= this.read();
    return this.#bytes;
  }

  get count(): number {
    return Math.floor(this.#content().length / this.type.size);
  }

  #converted() {
    if (this.#values === undefined) {
      const { size } = this.type;
      const content = this.#content().subarray(0, this.count * size);
      const bytes = this.bigEndian ? swapBytes(content, size) : new Uint8Array(content);
      const rounded = this.type.isRounded?.(bytes) ?? false;
      this.#values = { data: this.type.toFloat32(bytes), rounded };
    }
    return this.#values;
  }

  get data(): Float32Array {
    return this.#converted().data;
  }

  get rounded(): boolean {
    return this.#converted().rounded;
  }
}

/** The storages of a file. Whatever refers to one key and type shares its values, so that no file has them converted many times. */
export class TorchStorages {
  readonly #values = new Map<string, Map<Dtype, StoredValues>>();

  /** @param contents little-endian bytes under a key, or big-endian ones where `bigEndian` */
  constructor(
    private readonly contents: (key: string) => Uint8Array,
    private readonly bigEndian: boolean,
  ) {}

  get({ key, type, count, offset }: StorageId): TorchStorage {
    const ofKey = this.#values.get(key) ?? new Map<Dtype, StoredValues>();
    this.#values.set(key, ofKey);
    const whole = ofKey.get(type) ?? new LazyValues(() => this.contents(key), type, this.bigEndian);
    ofKey.set(type, whole);
    return new TorchStorage(count, offset, whole);
  }
}
