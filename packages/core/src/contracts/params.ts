/** A host array: shape and row-major values. The values must never be written to; make a new value instead. */
export interface ArrayValue {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * The weights of a network: an ordered map from parameter name to host values. A value, not a handle: garbage-collected,
 * hashable, transferable to workers, owned by nobody. Fusion is arithmetic on these, and a point of a curve is just another one.
 */
export type Params = ReadonlyMap<string, ArrayValue>;
