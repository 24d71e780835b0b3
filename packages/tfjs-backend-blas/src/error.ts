/** What can go wrong, one word each. */
export type BlasErrorCode =
  /** No usable library: the message lists every place and why it was refused. */
  | "blas/not-found"
  /** An operand of a call would reach outside its array; nothing was called. */
  | "blas/out-of-bounds"
  /** The number of threads is no whole number of at least one. */
  | "blas/bad-threads"
  /** Something needs the backend before `registerBlasBackend` has run. */
  | "blas/not-registered";

/** Every error of this package: `message` says what happened, `hint` what to do about it. */
export class BlasError extends Error {
  override readonly name = "BlasError";

  /**
   * @param code one of {@link BlasErrorCode}
   * @param message what happened
   * @param hint what to do about it
   */
  constructor(
    readonly code: BlasErrorCode,
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}
