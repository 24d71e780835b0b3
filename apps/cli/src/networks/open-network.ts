import { resolve } from "node:path";
import type { JsonObject, Network, PluginHost, TaskShape } from "@isthmus/core";
import { checkParams, decodeCheckpoint, modelBuilder, parseReference } from "@isthmus/core";
import { readNetworkFile } from "./read-network-file.js";

/** How files are read as networks. */
export interface NetworkRequest {
  readonly cwd: string;
  readonly host: PluginHost;
  /** `--arch`, as it was given: `mlp`, `mlp {hidden: [400, 200]}`. It wins over what a file says or looks like. */
  readonly arch: string | undefined;
  /** What the networks are used for, where known: decides where a file could be read in several ways. */
  readonly task: TaskShape | undefined;
}

/** A network that a file holds. */
export interface OpenedNetwork extends Network {
  /** The file, as it was given. */
  readonly file: string;
  /** What its maker recorded; empty for files of others. */
  readonly provenance: JsonObject;
}

/**
 * Reads a network from a file, whoever wrote it: what the file is shows in its content, never in its name.
 *
 * @param file path as it was given
 * @throws `checkpoint/…`, `params/mismatch`, `options/…`, `plugin/unknown-name`: the message names the file
 */
export async function openNetwork(file: string, { cwd, host, arch }: NetworkRequest): Promise<OpenedNetwork> {
  const { spec, params, provenance } = decodeCheckpoint(
    await readNetworkFile(resolve(cwd, file), file),
    file,
  );
  const given = arch === undefined ? undefined : parseReference(arch, "--arch");
  const model = await modelBuilder(host)(
    given === undefined
      ? spec
      : {
          architecture: given.name,
          options: await host.checkOptions("architecture", given.name, given.options),
          task: spec.task,
        },
  );
  checkParams(model, params, file);
  return { model, params, file, provenance };
}
