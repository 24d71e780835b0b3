import { resolve } from "node:path";
import {
  type OpenedNetwork,
  openNetworkFile,
  type PluginHost,
  parseReference,
  type TaskShape,
} from "@isthmus/core";

import { readNetworkFile } from "./read-network-file.js";

/** How files are read as networks. */
export interface NetworkRequest {
  readonly cwd: string;
  readonly host: PluginHost;
  /** `--arch`, as it was given: `mlp`, `mlp {hidden: [400, 200]}`. It wins over what a file looks like. */
  readonly arch: string | undefined;
  /** What the networks are used for, where known: decides where a file could be read in several ways. */
  readonly task: TaskShape | undefined;
  /** Says what a person should know about a file. */
  remark(text: string): void;
}

/**
 * Reads a network from a file, whoever wrote it: what the file is shows in its content, never in its name.
 *
 * @param file path as it was given
 * @throws `checkpoint/…`, `options/…`, `plugin/unknown-name`: the message names the file
 */
export async function openNetwork(
  file: string,
  { cwd, host, arch, task, remark }: NetworkRequest,
): Promise<OpenedNetwork & { readonly file: string }> {
  const architecture = arch === undefined ? undefined : parseReference(arch, "--arch");
  const bytes = await readNetworkFile(resolve(cwd, file), file);
  const network = await openNetworkFile(bytes, file, {
    host,
    ...(architecture && { architecture }),
    ...(task && { task }),
  });
  network.notes.forEach(remark);
  return { ...network, file };
}
