import type { IsthmusError } from "../errors/isthmus-error.js";

/**
 * A plugin that was found but not yet imported. In Node, `discoverPlugins` of `@isthmus/core/node` makes these; in a browser they are
 * written by hand.
 *
 * @example
 * const source: PluginSource = {
 *   name: "@isthmus/fusion-avg", version: "0.1.0", origin: "/vendor/fusion-avg/",
 *   manifest: packageJson.isthmus,
 *   load: () => import("@isthmus/fusion-avg"),
 *   file: (relative) => new URL(relative, "https://example.org/vendor/fusion-avg/").href,
 * };
 */
export interface PluginSource {
  /** Name of the package. */
  readonly name: string;
  /** Version of the package. */
  readonly version: string;
  /** Folder or URL of the package, for messages. */
  readonly origin: string;
  /** The `isthmus` field of its package.json as it was read; the host checks it. */
  readonly manifest: unknown;
  /** Imports the package and gives its module namespace. */
  load(): Promise<unknown>;
  /** Absolute path or URL of a file of the package, named as in the manifest (`./dist/xyz.js`). Throws where there is none. */
  file(relative: string): string;
  /** Why the plugin cannot be used, where that is known already: it is not installed, its package.json cannot be read. */
  readonly problem?: IsthmusError;
}

/** How messages name a plugin: `plugin "xyz" 1.0.0 (/where/it/is)`. */
export function describePlugin(source: Pick<PluginSource, "name" | "version" | "origin">): string {
  return `plugin "${source.name}" ${source.version} (${source.origin})`;
}
