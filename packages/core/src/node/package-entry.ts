/** Conditions of a package's `exports` that hold when Node imports it. */
const CONDITIONS = ["node", "import", "module-sync", "default"];

function target(exported: unknown): string | undefined {
  if (typeof exported === "string") return exported;
  if (Array.isArray(exported)) return exported.map(target).find((found) => found !== undefined);
  if (typeof exported !== "object" || exported === null) return undefined;
  return Object.entries(exported)
    .filter(([condition]) => CONDITIONS.includes(condition))
    .map(([, inner]) => target(inner))
    .find((found) => found !== undefined);
}

/**
 * The file that importing a package by its name loads, relative to the package: what `exports["."]` names for an import in Node, else
 * `main`, else `./index.js`. Undefined where `exports` has no main entry.
 */
export function packageEntry(packageJson: {
  readonly exports?: unknown;
  readonly main?: unknown;
}): string | undefined {
  const { exports, main } = packageJson;
  if (exports === undefined || exports === null) return typeof main === "string" ? main : "./index.js";
  const subpaths = typeof exports === "object" && Object.keys(exports).some((key) => key.startsWith("."));
  return target(subpaths ? (exports as Readonly<Record<string, unknown>>)["."] : exports);
}
