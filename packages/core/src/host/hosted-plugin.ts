import {
  CONTRIBUTION_KINDS,
  type ContributionKind,
  type Contributions,
  type PluginManifest,
} from "../contracts/plugin.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import type { FactoryContainer } from "./container.js";
import { checkContribution } from "./contribution-shape.js";
import { contributionKey, importPlugin } from "./import-plugin.js";
import { KIND_TITLES } from "./kind-titles.js";
import { readManifest } from "./manifest.js";
import { describePlugin, type PluginSource } from "./plugin-source.js";

/** One plugin on its way from a manifest to contributions; every stage happens once, its failure included. */
export class HostedPlugin {
  readonly source: PluginSource;
  /** Missing where it cannot be understood. */
  readonly manifest: PluginManifest | undefined;
  /** Why the plugin cannot be used, where its manifest or its source shows it. */
  readonly rejected: IsthmusError | undefined;
  readonly #container: FactoryContainer;
  #failure: IsthmusError | undefined;
  #setup: Promise<ReadonlyMap<string, symbol>> | undefined;
  readonly #contributions = new Map<string, Promise<Contributions[ContributionKind]>>();

  constructor(source: PluginSource, container: FactoryContainer) {
    const { manifest, problem } = readManifest(source);
    this.source = source;
    this.manifest = manifest;
    this.rejected = problem;
    this.#container = container;
  }

  /** Why the plugin cannot be used, as far as is known by now. */
  get problem(): IsthmusError | undefined {
    return this.rejected ?? this.#failure;
  }

  /** Names of a kind that the manifest promises. */
  names(kind: ContributionKind): string[] {
    return Object.keys(this.manifest?.provides[kind] ?? {});
  }

  /** The built file of a contribution, as the manifest names it. */
  file(kind: ContributionKind, name: string): string | undefined {
    const files = this.manifest?.provides[kind];
    return files && Object.hasOwn(files, name) ? files[name] : undefined;
  }

  /** Imports the plugin and registers its factories. */
  setUp(): Promise<ReadonlyMap<string, symbol>> {
    this.#setup ??= this.#setUp();
    return this.#setup;
  }

  async #setUp(): Promise<ReadonlyMap<string, symbol>> {
    if (this.rejected) throw this.rejected;
    try {
      const factories = await importPlugin(this.source, this.manifest as PluginManifest);
      return new Map(
        [...factories].map(([key, factory]) => [key, this.#container.register(key, factory)] as const),
      );
    } catch (error) {
      this.#failure = error as IsthmusError;
      throw error;
    }
  }

  /** Makes a contribution that the manifest promises, or gives the one made before. */
  contribution<Kind extends ContributionKind>(kind: Kind, name: string): Promise<Contributions[Kind]> {
    const key = contributionKey(kind, name);
    const made = this.#contributions.get(key) ?? this.#make(kind, name);
    this.#contributions.set(key, made);
    return made as Promise<Contributions[Kind]>;
  }

  /** Imports the plugin, makes all its contributions and looks for their files; gives all that is wrong. */
  async verify(): Promise<IsthmusError[]> {
    try {
      await this.setUp();
    } catch (error) {
      return [error as IsthmusError];
    }
    const errors: IsthmusError[] = [];
    for (const kind of CONTRIBUTION_KINDS) {
      for (const name of this.names(kind)) {
        try {
          await this.contribution(kind, name);
          this.source.file(this.file(kind, name) as string);
        } catch (error) {
          errors.push(error as IsthmusError);
        }
      }
    }
    return errors;
  }

  async #make<Kind extends ContributionKind>(kind: Kind, name: string): Promise<Contributions[Kind]> {
    const tokens = await this.setUp();
    let value: unknown;
    try {
      value = this.#container.resolve(tokens.get(contributionKey(kind, name)) as symbol);
    } catch (cause) {
      throw new IsthmusError({
        code: "plugin/contribution-failed",
        message: `The ${KIND_TITLES[kind]} "${name}" of ${describePlugin(this.source)} could not be made: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: `Report this to the author of "${this.source.name}".`,
        cause,
      });
    }
    return checkContribution(kind, name, value, this.source);
  }
}
