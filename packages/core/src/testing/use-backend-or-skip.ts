import { isIsthmusError } from "../errors/isthmus-error.js";
import { useBackend } from "../numerics/engine/engine.js";

/** Makes the backend active, or skips the test where it does not run. */
export async function useBackendOrSkip(backend: string, skip: (note?: string) => never): Promise<void> {
  try {
    await useBackend(backend);
  } catch (error) {
    if (!isIsthmusError(error) || error.code !== "engine/unavailable") throw error;
    skip(error.message);
  }
}
