/** Wall-clock time. Nothing in the packages reads time otherwise. */
export interface Clock {
  /** Milliseconds since 1970, an integer. */
  now(): number;
}

/** Fresh identifiers. */
export interface Ids {
  /** 32 hexadecimal digits, never given twice. */
  next(): string;
}

/** Tells how far some work has come. `total` may be unknown (undefined). */
export type Progress = (done: number, total: number | undefined, unit: string) => void;

/** A file of a data set: where it may lie, where it can be had, and how its bytes become a checked value. */
export interface DataFileRequest<Value> {
  /** Folder of the data set below a data directory or cache, e.g. `mnist`. */
  readonly folder: string;
  /** Accepted file names, in order of preference, e.g. `["train-labels-idx1-ubyte.gz", "train-labels-idx1-ubyte"]`. */
  readonly names: readonly string[];
  /** Public addresses of the file called `names[0]`, tried in order. */
  readonly urls: readonly string[];
  /**
   * Turns bytes into a value, throwing an `IsthmusError` that names `source` where they are wrong.
   * A downloaded file enters the cache only once this has succeeded.
   */
  decode(bytes: Uint8Array, source: string): Promise<Value>;
}

/** Where data files come from: a data directory given by the user, the cache, a download. */
export interface DataFiles {
  read<Value>(
    request: DataFileRequest<Value>,
    options?: { progress?: Progress; signal?: AbortSignal },
  ): Promise<Value>;
}
