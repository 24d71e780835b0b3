import type { ArrayValue } from "../../contracts/params.js";
import { sizeOf } from "../../numerics/params.js";
import { contiguous } from "../strided.js";
import type { TorchStorage } from "./torch-storages.js";

/** Most axes that PyTorch itself allows. */
const MAX_AXES = 64;

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length <= MAX_AXES && value.every(isCount);
}

/** A tensor of a PyTorch file: a strided view of a storage, checked to lie within it. */
export class TorchFileTensor {
  private constructor(
    readonly storage: TorchStorage,
    readonly shape: readonly number[],
    private readonly strides: readonly number[],
    private readonly offset: number,
  ) {}

  /** @throws TypeError where the view is none, has more values than its storage, or leaves it */
  static view(storage: TorchStorage, offset: unknown, shape: unknown, strides: unknown): TorchFileTensor {
    if (!isCount(offset) || !isCounts(shape) || !isCounts(strides) || shape.length !== strides.length) {
      throw new TypeError("a tensor needs an offset, a shape and as many strides");
    }
    const count = sizeOf(shape);
    if (!isCount(count)) throw new TypeError("a tensor has more values than can be counted");
    const last = offset + shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis], 0);
    if (count > storage.count || (count > 0 && last >= storage.count)) {
      throw new TypeError(
        `a tensor of shape [${shape.join(", ")}] leaves its storage of ${storage.count} values`,
      );
    }
    return new TorchFileTensor(storage, shape, strides, offset);
  }

  /** Number of values. */
  get count(): number {
    return sizeOf(this.shape);
  }

  /** The values as float32, row-major, in memory of their own, and whether float32 was too short for one of them. */
  read(): ArrayValue & { readonly rounded: boolean } {
    if (this.count === 0) return { shape: this.shape, data: new Float32Array(0), rounded: false };
    const { whole, offset } = this.storage;
    const data = contiguous(whole.data, this.shape, this.strides, offset + this.offset);
    return { shape: this.shape, data, rounded: whole.rounded };
  }
}
