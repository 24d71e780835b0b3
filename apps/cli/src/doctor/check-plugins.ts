import type { PluginHost } from "@isthmus/core";
import { datasetPresence, describePresence } from "../dataset-presence.js";
import type { DataPlaces } from "../project.js";
import type { Check } from "./check.js";

/** What core itself brings: without it no recipe runs. */
const CORE = "@isthmus/core";

/** Every plugin, imported and checked. */
export async function checkPlugins(host: PluginHost): Promise<readonly Check[]> {
  const problems = await host.verify();
  const plugins = host.list();
  const checks = plugins.map(({ name, version, provides }): Check => {
    const errors = problems.filter(({ plugin }) => plugin === name).map(({ error }) => error);
    const [first] = errors;
    if (first === undefined) {
      return { name: `plugin ${name}`, status: "ok", message: `${version}, provides ${provides.length}` };
    }
    return {
      name: `plugin ${name}`,
      status: name === CORE ? "broken" : "warning",
      message: errors.map(({ message }) => message).join("; "),
      ...(first.hint === undefined ? {} : { fix: first.hint }),
    };
  });
  if (plugins.some(({ name }) => name !== CORE)) return checks;
  const none: Check = {
    name: "plugins",
    status: "warning",
    message: "this project has none: there is no data set, no network and no fusion method",
    fix: "npm install @isthmus/models @isthmus/datasets @isthmus/fusion-avg",
  };
  return [...checks, none];
}

/** Every data set whose plugin works. */
export async function checkData(host: PluginHost, places: DataPlaces): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const name of host.names("dataset")) {
    const dataset = await host.resolve("dataset", name).catch(() => undefined);
    if (dataset === undefined) continue;
    const presence = await datasetPresence(dataset, places);
    const message = describePresence(presence);
    const sound = presence.state === "generated" || presence.state === "present";
    const where = places.dataDir ?? places.cacheDir;
    const fix =
      presence.state === "damaged"
        ? `Delete the file in ${where} and get it again: isthmus data get ${name}`
        : `isthmus data get ${name}`;
    checks.push({
      name: `data ${name}`,
      status: sound ? "ok" : "warning",
      message,
      ...(sound ? {} : { fix }),
    });
  }
  return checks;
}
