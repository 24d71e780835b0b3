import type { PlanContext } from "../contracts/experiment.js";
import { optionsSchema } from "../contracts/options.js";
import { isIsthmusError } from "../errors/isthmus-error.js";
import { KIND_TITLES } from "../host/kind-titles.js";
import type { PluginHost } from "../host/plugin-host.js";
import type { Placing } from "./placing.js";

/** What an experiment plans with: the host's contributions, and problems that are placed in the recipe. */
export function planContext(host: PluginHost, placing: Placing, seeds: readonly number[]): PlanContext {
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
    fail: (path, message, hint) => placing.fail([{ path, message, ...(hint === undefined ? {} : { hint }) }]),
  };
}
