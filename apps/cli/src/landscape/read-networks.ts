import { basename, resolve } from "node:path";
import { decodeParameterSets, IsthmusError, modelBuilder, type StepOutputs } from "@isthmus/core";
import { checkTask, type OpenedDataset } from "../networks/open-dataset.js";
import { type NetworkRequest, openNetwork } from "../networks/open-network.js";
import { readNetworkFile } from "../networks/read-network-file.js";

/** A file as the command line names it, and what its network is called. */
export interface NamedFile {
  readonly name: string;
  readonly file: string;
}

/** Networks as a step reads them, under their names. */
export interface ReadNetworks {
  readonly names: readonly string[];
  readonly networks: readonly StepOutputs[];
}

/**
 * `NAME=FILE`, or a file that is called as its name says without ending: `runs/a.safetensors` is `a`.
 *
 * @example namedFile("fused=runs/x.pt") // { name: "fused", file: "runs/x.pt" }
 */
export function namedFile(text: string): NamedFile {
  const [, name, file] = /^([^=/\\]+)=(.+)$/.exec(text) ?? [];
  if (name !== undefined && file !== undefined) return { name, file };
  const own = basename(text).replace(/(\.curve)?\.(safetensors|pth?|checkpoint)$/, "");
  return { name: own, file: text };
}

/** @throws `cli/same-name` */
function checkNames(files: readonly NamedFile[]): void {
  for (const [i, { name, file }] of files.entries()) {
    const other = files.slice(0, i).find((each) => each.name === name);
    if (other === undefined) continue;
    throw new IsthmusError({
      code: "cli/same-name",
      message: `Two networks are called "${name}": ${other.file} and ${file}.`,
      hint: `Give one another name: other=${file}`,
    });
  }
}

/** A curve: its control points, without the weights of the fused network, which is the point at its `at`. */
async function readCurve(file: string, { cwd, host }: NetworkRequest): Promise<StepOutputs> {
  const { spec, sets, details } = decodeParameterSets(await readNetworkFile(resolve(cwd, file), file), file);
  const model = await modelBuilder(host)(spec);
  return { network: { model, params: new Map() }, extra: sets, details };
}

/**
 * Reads networks, then the curve between them, then networks that are only marked.
 *
 * @throws `checkpoint/…`, `cli/same-name`, `cli/wrong-dataset`
 */
export async function readNetworks(
  { ends, curve, marks }: { ends: readonly string[]; curve: string | undefined; marks: readonly string[] },
  request: NetworkRequest,
  dataset: OpenedDataset,
): Promise<ReadNetworks> {
  const files = [...ends, ...(curve === undefined ? [] : [curve]), ...marks].map(namedFile);
  checkNames(files);
  const networks: StepOutputs[] = [];
  for (const [i, { file }] of files.entries()) {
    const isCurve = curve !== undefined && i === ends.length;
    const outputs = isCurve ? await readCurve(file, request) : { network: await openNetwork(file, request) };
    if (outputs.network !== undefined) checkTask(outputs.network, file, dataset);
    networks.push(outputs);
  }
  return { names: files.map(({ name }) => name), networks };
}
