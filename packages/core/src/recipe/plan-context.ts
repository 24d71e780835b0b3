import type { ImportedNetwork, PlanContext } from "../contracts/experiment.js";
import type { JsonObject } from "../contracts/json.js";
import { optionsSchema } from "../contracts/options.js";
import { isIsthmusError } from "../errors/isthmus-error.js";
import { KIND_TITLES } from "../host/kind-titles.js";
import type { PluginHost } from "../host/plugin-host.js";
import type { Placing } from "./placing.js";

/** Reads a network from a file and keeps it in the store of the steps. `architecture` has the options that are to hold. */
export type NetworkImporter = (
  file: string,
  architecture: { readonly name: string; readonly options: JsonObject } | undefined,
) => Promise<ImportedNetwork>;

/** What an experiment plans with: the host's contributions, and problems that are placed in the recipe. */
export function planContext(
  host: PluginHost,
  placing: Placing,
  seeds: readonly number[],
  importer: NetworkImporter | undefined,
): PlanContext {
  return {
    seeds,
    async resolve(kind, name, path) {
      try {
        return await host.resolve(kind, name);
      } catch (error) {
        if (!isIsthmusError(error) || error.code !== "plugin/unknown-name") throw error;
        const message = `there is no ${KIND_TITLES[kind]} "${name}"`;
        return placing.fail([{ path, message, ...(error.hint === undefined ? {} : { hint: error.hint }) }]);
      }
    },
    async options(kind, name, input, path) {
      const result = await host.readOptions(kind, name, input);
      if ("options" in result) return result.options;
      return placing.failChecks(result.problems.map((each) => ({ ...each, path: [...path, ...each.path] })));
    },
    check: (schema, value, path, shared) => placing.check(optionsSchema(schema), value, path, shared),
    collect: (checks) => placing.collect(checks),
    async network(file, architecture, path) {
      if (importer === undefined) return placing.fail([{ path, message: "files cannot be read here" }]);
      try {
        return await importer(file, architecture);
      } catch (error) {
        if (!isIsthmusError(error)) throw error;
        const { message, hint } = error;
        return placing.fail([{ path, message, ...(hint === undefined ? {} : { hint }) }]);
      }
    },
    fail: (path, message, hint) => placing.fail([{ path, message, ...(hint === undefined ? {} : { hint }) }]),
  };
}
