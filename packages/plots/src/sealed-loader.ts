import type { Loader } from "vega";
import { PlotError } from "./plot-error.js";

/** A vega loader that opens nothing, and remembers the first address it was asked for. */
export interface SealedLoader extends Loader {
  /** Throws `plot/external-data` where the figure asked for a file or an address. */
  check(): void;
}

/**
 * Figures carry their own data: drawing one opens no file and no connection. Images given as `data:` addresses pass, and
 * so do links to web pages, which nothing opens until the reader clicks. vega turns a failed load into a warning and an
 * empty plot, hence the memory.
 */
export function sealedLoader(): SealedLoader {
  let refused: string | undefined;
  const refuse = (uri: string): never => {
    refused ??= uri;
    throw new Error(`Refused to load ${uri}.`);
  };
  return {
    load: async (uri) => refuse(uri),
    http: async (uri) => refuse(uri),
    file: async (file) => refuse(file),
    sanitize: async (uri, { context }) => {
      const allowed = context === "href" ? /^https?:/i : /^data:image\//i;
      return allowed.test(uri) ? { href: uri } : refuse(uri);
    },
    check: () => {
      if (refused === undefined) return;
      throw new PlotError({
        code: "plot/external-data",
        message: `The figure points at "${refused.slice(0, 200)}"; drawing a figure opens no file and no address.`,
        hint: 'Put the rows into the specification as data: { "values": [...] }, and images as data: addresses.',
      });
    },
  };
}
