import { beforeAll, describe } from "vitest";
import { registerBlasBackend } from "../backend/register.js";
import { BlasError } from "../error.js";
import { type FoundLibrary, findBlas } from "../library/find.js";

/** The library that tests run on, or why there is none. */
function find(): FoundLibrary | string {
  try {
    return findBlas();
  } catch (error) {
    if (error instanceof BlasError && error.code === "blas/not-found") return error.message.split("\n")[0]!;
    throw error;
  }
}

/** The library of this machine, if it has one. */
export const machineBlas: FoundLibrary | string = find();

/** Tests that need a library: skipped, with the reason in their title, where there is none. */
export function describeWithBlas(title: string, body: () => void): void {
  if (typeof machineBlas === "string") {
    describe.skip(`${title} (skipped: ${machineBlas} Set BLAS_LIBRARY.)`, body);
    return;
  }
  describe(title, () => {
    beforeAll(async () => {
      await registerBlasBackend();
    });
    body();
  });
}
