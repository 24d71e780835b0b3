import type { InstalledEngines } from "./installed-engine.js";

/** A browser has no installed engines. */
export const installedEngines: InstalledEngines = {
  installable: false,
  find: async () => undefined,
  specifier: (path) => path,
  hasNvidiaDriver: () => false,
};
