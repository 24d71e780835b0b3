import type { JsonObject } from "../contracts/json.js";
import { CONTRIBUTION_KINDS, type ContributionKind, type Contributions } from "../contracts/plugin.js";
import type { ContributionRef } from "../contracts/step.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { FactoryContainer } from "./container.js";
import { HostedPlugin } from "./hosted-plugin.js";
import { KIND_TITLES } from "./kind-titles.js";
import { duplicateName, unknownName } from "./lookup-errors.js";
import { formatProblems } from "./options-problems.js";
import type { PluginSource } from "./plugin-source.js";
import { type OptionsResult, readOptions } from "./read-options.js";
import { schemaKeys } from "./schema-keys.js";

/** A plugin as it is listed. */
export interface PluginInfo {
  readonly name: string;
  readonly version: string;
  /** Folder or URL of the package. */
  readonly origin: string;
  /** What its manifest promises. */
  readonly provides: readonly ContributionRef[];
  /** Why it cannot be used, or not wholly, as far as is known: only {@link PluginHost.verify} imports every plugin to find out. */
  readonly problem?: IsthmusError;
}

/** Where a contribution comes from. */
export interface ContributionOrigin {
  /** Name of the package. */
  readonly plugin: string;
  /** Version of the package. */
  readonly version: string;
  /** Absolute path or URL of the built file that holds the contribution. */
  readonly file: string;
}

/** Something wrong with a plugin. */
export interface PluginProblem {
  /** Name of the package. */
  readonly plugin: string;
  readonly error: IsthmusError;
}

/**
 * Knows all plugins of a project and hands out what they contribute. Manifests are read at once, a package is imported when one of its
 * contributions is first used, and factories run once. A broken plugin harms nobody until something of it is asked for; every failure
 * is an `IsthmusError` (`plugin/…`, `options/invalid`) that says what to do.
 *
 * @example
 * const host = new PluginHost(await discoverPlugins(projectDir));
 * const average = await host.resolve("fusion", "average");
 */
export class PluginHost {
  readonly #plugins: readonly HostedPlugin[];

  constructor(sources: readonly PluginSource[]) {
    const container = new FactoryContainer();
    this.#plugins = sources.map((source) => new HostedPlugin(source, container));
  }

  /** Names of a kind that manifests promise, sorted. */
  names(kind: ContributionKind): string[] {
    return [...new Set(this.#plugins.flatMap((plugin) => plugin.names(kind)))].sort();
  }

  /** True where a manifest promises the contribution. */
  has(kind: ContributionKind, name: string): boolean {
    return this.#plugins.some((plugin) => plugin.file(kind, name) !== undefined);
  }

  /** All plugins in the order they were given, the broken ones with their problem. */
  list(): PluginInfo[] {
    return this.#plugins.map((plugin) => {
      const { name, version, origin } = plugin.source;
      const provides = CONTRIBUTION_KINDS.flatMap((kind) =>
        plugin.names(kind).map((name) => ({ kind, name })),
      );
      const problem = plugin.problem ?? this.#duplicates(plugin)[0];
      return { name, version, origin, provides, ...(problem && { problem }) };
    });
  }

  /** Where a contribution comes from; nothing is imported. */
  origin(kind: ContributionKind, name: string): ContributionOrigin {
    const plugin = this.#provider(kind, name);
    const file = plugin.source.file(plugin.file(kind, name) as string);
    return { plugin: plugin.source.name, version: plugin.source.version, file };
  }

  /** The contribution, always the same value; its plugin is imported on first use. */
  async resolve<Kind extends ContributionKind>(kind: Kind, name: string): Promise<Contributions[Kind]> {
    return this.#provider(kind, name).contribution(kind, name);
  }

  /** JSON Schema of a contribution's options. */
  async optionsSchema(kind: ContributionKind, name: string): Promise<JsonObject> {
    return (await this.resolve(kind, name)).options.jsonSchema;
  }

  /**
   * Checks options of a contribution and fills in defaults; `undefined` counts as no options given.
   * Gives the resolved options as plain JSON, or what is wrong with them, for callers that know where they stand in a file.
   */
  async readOptions(kind: ContributionKind, name: string, input: unknown): Promise<OptionsResult> {
    const contribution = await this.resolve(kind, name);
    return readOptions(contribution.options, input, `${KIND_TITLES[kind]} "${name}"`);
  }

  /**
   * Like {@link readOptions}, but wrong options are an error.
   *
   * @throws IsthmusError `options/invalid` that lists every problem with its path
   */
  async checkOptions(kind: ContributionKind, name: string, input: unknown): Promise<JsonObject> {
    const result = await this.readOptions(kind, name, input);
    if ("options" in result) return result.options;
    throw new IsthmusError({
      code: "options/invalid",
      message: `The options of ${KIND_TITLES[kind]} "${name}" are wrong:\n${formatProblems(result.problems)}`,
      hint: `Its options: ${schemaKeys(await this.optionsSchema(kind, name), []).join(", ") || "none"}.`,
    });
  }

  /** Imports every plugin and makes every contribution; gives all that is wrong. */
  async verify(): Promise<PluginProblem[]> {
    const problems: PluginProblem[] = [];
    for (const plugin of this.#plugins) {
      for (const error of [...(await plugin.verify()), ...this.#duplicates(plugin)]) {
        problems.push({ plugin: plugin.source.name, error });
      }
    }
    return problems;
  }

  /**
   * The plugins that provide a contribution: those with a sound manifest, or the others where there is none. What happens on import
   * plays no part, so that a name means the same throughout the host's life.
   */
  #providers(kind: ContributionKind, name: string): HostedPlugin[] {
    const all = this.#plugins.filter((plugin) => plugin.file(kind, name) !== undefined);
    const sound = all.filter(({ rejected }) => rejected === undefined);
    return sound.length > 0 ? sound : all;
  }

  #provider(kind: ContributionKind, name: string): HostedPlugin {
    const providers = this.#providers(kind, name);
    const [first] = providers;
    if (first === undefined) throw this.#unknown(kind, name);
    if (first.rejected) throw first.rejected;
    if (providers.length > 1) throw duplicateName(kind, name, providers);
    return first;
  }

  #unknown(kind: ContributionKind, name: string): IsthmusError {
    const unreadable = this.#plugins.filter(({ manifest }) => manifest === undefined);
    return unknownName(kind, name, this.names(kind), unreadable);
  }

  /** One error per contribution of a plugin that another one provides as well. */
  #duplicates(plugin: HostedPlugin): IsthmusError[] {
    if (plugin.rejected) return [];
    return CONTRIBUTION_KINDS.flatMap((kind) =>
      plugin
        .names(kind)
        .map((name) => ({ name, providers: this.#providers(kind, name) }))
        .filter(({ providers }) => providers.length > 1)
        .map(({ name, providers }) => duplicateName(kind, name, providers)),
    );
  }
}
