import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type { DataType, TensorInfo } from "@tensorflow/tfjs-core";
import type { Blas } from "../library/checked.js";
import { ArrayPool } from "./array-pool.js";

/** The name under which TensorFlow.js knows the backend. */
export const BACKEND_NAME = "blas";

/**
 * The `cpu` backend with a BLAS library at hand: tensors are typed arrays in JavaScript's own memory, and every
 * kernel of the `cpu` backend works on it.
 */
export class BlasBackend extends MathBackendCPU {
  readonly #arrays = new ArrayPool();

  /** @param blas the checked functions of the library */
  constructor(readonly blas: Blas) {
    super();
    // The cpu backend greets its first tensor with advice to install another backend.
    (this as unknown as { firstUse: boolean }).firstUse = false;
  }

  /**
   * The numbers of a float32 tensor, without a copy; `undefined` for every other type.
   * Nobody may write to them but the kernel that made them, before it returns.
   */
  floats(tensor: TensorInfo): Float32Array | undefined {
    if (tensor.dtype !== "float32") return undefined;
    const { values } = this.data.get(tensor.dataId) as { values?: unknown };
    return values instanceof Float32Array ? values : undefined;
  }

  /**
   * An array of so many numbers for a kernel's result, **whatever it holds**. It is used again once its tensor is disposed, unless it
   * was shown to somebody.
   */
  allocate(size: number): Float32Array {
    return this.#arrays.take(size);
  }

  /** Takes note that somebody besides the tensor may keep its numbers: a caller, or a kernel of the `cpu` backend that shares them. */
  show({ dataId }: Pick<TensorInfo, "dataId">): void {
    if (!this.data.has(dataId)) return;
    const { values } = this.data.get(dataId) as { values?: unknown };
    if (values instanceof Float32Array) this.#arrays.letGo(values);
  }

  override readSync(dataId: TensorInfo["dataId"]): ReturnType<MathBackendCPU["readSync"]> {
    this.show({ dataId });
    return super.readSync(dataId);
  }

  override disposeData(dataId: TensorInfo["dataId"], force = false): boolean {
    const { values } = (this.data.has(dataId) ? this.data.get(dataId) : {}) as { values?: unknown };
    const gone = super.disposeData(dataId, force);
    if (gone && values instanceof Float32Array) this.#arrays.giveBack(values);
    return gone;
  }

  /** A tensor that takes over `values`. */
  tensorOf(
    values: Float32Array | Int32Array | Uint8Array,
    shape: number[],
    dtype: DataType = "float32",
  ): TensorInfo {
    return this.makeTensorInfo(shape, dtype, values);
  }
}
