import { resolve } from "node:path";
import {
  importNetwork,
  type NetworkImporter,
  openNetworkFile,
  type PluginHost,
  type RunPorts,
} from "@isthmus/core";
import { readNetworkFile } from "../networks/read-network-file.js";

/**
 * Reads networks that recipes name by their files, and keeps them in the project's store.
 *
 * @param folder where relative paths start
 */
export function networkImporter(
  folder: string,
  ports: RunPorts & { readonly host: PluginHost },
  remark: (text: string) => void,
): NetworkImporter {
  return async (file, architecture) => {
    const bytes = await readNetworkFile(resolve(folder, file), file);
    const options = { host: ports.host, ...(architecture && { architecture }) };
    const { provenance, format, notes, ...network } = await openNetworkFile(bytes, file, options);
    notes.forEach(remark);
    return importNetwork(network, { file, format, provenance }, ports);
  };
}
