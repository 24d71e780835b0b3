import { CONTRIBUTION_KINDS, type Plugin, type PluginManifest } from "../contracts/plugin.js";
import { IsthmusError, isIsthmusError } from "../errors/isthmus-error.js";
import { describePlugin, type PluginSource } from "./plugin-source.js";

/** Names a contribution within its plugin. */
export function contributionKey(kind: string, name: string): string {
  return `${kind}/${name}`;
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

async function importNamespace(source: PluginSource): Promise<unknown> {
  try {
    return await source.load();
  } catch (cause) {
    if (isIsthmusError(cause) && cause.code.startsWith("plugin/")) throw cause;
    throw new IsthmusError({
      code: "plugin/import-failed",
      message: `The ${describePlugin(source)} cannot be imported: ${reason(cause)}`,
      hint: `If the package is installed, reinstall it with its dependencies (npm install ${source.name}); if it is your own, build it first.`,
      cause,
    });
  }
}

/** Structure, not `instanceof`: the plugin may have been made by another copy of core. */
function isPlugin(value: unknown): value is Plugin {
  if (typeof value !== "object" || value === null) return false;
  const { name, version, setup } = value as Partial<Record<keyof Plugin, unknown>>;
  return typeof name === "string" && typeof version === "string" && typeof setup === "function";
}

function defaultExport(namespace: unknown, source: PluginSource): Plugin {
  const plugin = (namespace as { readonly default?: unknown } | null | undefined)?.default;
  if (isPlugin(plugin)) return plugin;
  throw new IsthmusError({
    code: "plugin/no-default-export",
    message: `The ${describePlugin(source)} ${plugin === undefined ? "has no default export" : "exports by default something that is not a plugin"}.`,
    hint: "Its entry needs: export default definePlugin({ name, version, setup(registry) { … } })",
  });
}

function checkIdentity(plugin: Plugin, source: PluginSource): void {
  if (plugin.name === source.name && plugin.version === source.version) return;
  throw new IsthmusError({
    code: "plugin/wrong-identity",
    message: `The ${describePlugin(source)} calls itself "${plugin.name}" ${plugin.version}.`,
    hint: "Give definePlugin the name and version of package.json; after a change of either, build again.",
  });
}

function promised(manifest: PluginManifest): string[] {
  return CONTRIBUTION_KINDS.flatMap((kind) =>
    Object.keys(manifest.provides[kind] ?? {}).map((name) => contributionKey(kind, name)),
  );
}

function checkRegistrations(
  registered: readonly string[],
  manifest: PluginManifest,
  source: PluginSource,
): void {
  const expected = promised(manifest);
  const faults = [
    ...expected
      .filter((key) => !registered.includes(key))
      .map((key) => `${key} is in the manifest but not registered`),
    ...registered
      .filter((key) => !expected.includes(key))
      .map((key) => `${key} is registered but not in the manifest`),
    ...registered
      .filter((key, index) => registered.indexOf(key) < index)
      .map((key) => `${key} is registered twice`),
  ];
  if (faults.length === 0) return;
  throw new IsthmusError({
    code: "plugin/setup-mismatch",
    message: `The setup of ${describePlugin(source)} does not register what its manifest says: ${faults.join("; ")}.`,
    hint: 'Make "isthmus.provides" in package.json and the calls of registry.add in setup agree.',
  });
}

/**
 * Imports a plugin and runs its setup. Checks, in this order: it can be imported; its default export is a plugin; name and version are
 * those of the package; setup runs; setup registers exactly what the manifest says.
 *
 * @returns the factories by {@link contributionKey}
 * @throws IsthmusError `plugin/…`
 */
export async function importPlugin(
  source: PluginSource,
  manifest: PluginManifest,
): Promise<ReadonlyMap<string, () => unknown>> {
  const plugin = defaultExport(await importNamespace(source), source);
  checkIdentity(plugin, source);
  const added: [string, () => unknown][] = [];
  try {
    await plugin.setup({ add: (kind, name, factory) => added.push([contributionKey(kind, name), factory]) });
  } catch (cause) {
    throw new IsthmusError({
      code: "plugin/setup-failed",
      message: `The setup of ${describePlugin(source)} failed: ${reason(cause)}`,
      hint: `Report this to the author of "${source.name}", or remove the plugin until it is mended.`,
      cause,
    });
  }
  checkRegistrations(
    added.map(([key]) => key),
    manifest,
    source,
  );
  return new Map(added);
}
