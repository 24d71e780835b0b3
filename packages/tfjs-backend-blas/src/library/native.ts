import koffi, { type LibraryHandle } from "koffi";

/** A function of the library; numbers and typed arrays in, a number, a text or nothing out. */
export type NativeFunction = (...args: (number | bigint | Float32Array | Uint8Array)[]) => unknown;

/** A loaded shared library. */
export interface NativeLibrary {
  /** The function `name`, or `undefined` where the library has none of that name. */
  find(name: string, result: string, parameters: readonly string[]): NativeFunction | undefined;
}

/** Loads a shared library; throws where the system cannot. Tests hand in libraries made of JavaScript. */
export type NativeLoader = (path: string) => NativeLibrary;

/** Unloading a BLAS whose threads have started can end the process, so no library is ever let go. */
const loaded = new Map<string, LibraryHandle>();

/** Loads with the system's dynamic loader. */
export const loadNative: NativeLoader = (path) => {
  const handle = loaded.get(path) ?? koffi.load(path);
  loaded.set(path, handle);
  return {
    find(name, result, parameters) {
      try {
        return handle.func(name, result, [...parameters]) as NativeFunction;
      } catch {
        return undefined;
      }
    },
  };
};
