import { mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { JsonObject } from "../contracts/json.js";
import type { Model, ModelSpec } from "../contracts/model.js";
import type { StepOutputs } from "../contracts/step.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { sha256 } from "../numerics/sha256.js";
import { parseExact, stringifyExact } from "../steps/exact-json.js";
import { decodeOutputs, encodeOutputs } from "../steps/outputs.js";
import type { StepState, StepStore } from "../steps/ports.js";
import type { RecordDraft, StepArtifact, StepRecord } from "../steps/record.js";
import { decodeState, encodeState } from "../steps/step-state.js";
import { syncFolder, writeAtomically, writeDurably } from "./atomic-file.js";
import { errorCode, unlessMissing } from "./file-errors.js";
import { makeFolder } from "./make-folder.js";

const RECORD = "record.json";

function corrupt(file: string, what: string, folder: string, cause?: unknown): IsthmusError {
  return new IsthmusError({
    code: "store/corrupt",
    message: `${file} ${what}.`,
    hint: `Delete the folder ${folder}; the step is computed again at the next start.`,
    cause,
  });
}

function isRecord(value: unknown, key: string): value is StepRecord {
  if (typeof value !== "object" || value === null) return false;
  const { format, key: found, artifacts, metrics, summary, provenance } = value as Partial<StepRecord>;
  return (
    format === 1 &&
    found === key &&
    Array.isArray(artifacts) &&
    Array.isArray(metrics) &&
    typeof summary === "object" &&
    typeof provenance === "object"
  );
}

/**
 * Keeps steps in a project's folder, usually `.isthmus`: `steps/<key>/` for finished ones, `state/` for those under way.
 * Any number of processes may share it.
 *
 * A step is written aside, artifacts first, `record.json` last, and enters `steps/` whole by one rename; of two processes
 * that finish the same step the first one's stays. A folder without a record (a crash, a broken copy) counts as nothing.
 *
 * @throws `store/corrupt` where a record or artifact is not what was written
 */
export class FileStore implements StepStore {
  constructor(private readonly root: string) {}

  #folder(key: string): string {
    return join(this.root, "steps", key);
  }

  #stateFile(key: string): string {
    return join(this.root, "state", `${key}.safetensors`);
  }

  locate(key: string, path: string): string {
    return join(this.#folder(key), path);
  }

  async find(key: string): Promise<StepRecord | undefined> {
    const file = this.locate(key, RECORD);
    const text = await unlessMissing(readFile(file, "utf8"));
    if (text === undefined) return undefined;
    try {
      const record = parseExact(text);
      if (isRecord(record, key)) return record;
    } catch (error) {
      throw corrupt(file, "is damaged: it is not JSON", this.#folder(key), error);
    }
    throw corrupt(
      file,
      "is not the record of this step, or of another version of Isthmus",
      this.#folder(key),
    );
  }

  async outputs(record: StepRecord, buildModel: (spec: ModelSpec) => Promise<Model>): Promise<StepOutputs> {
    const artifacts = new Map(record.artifacts.map((artifact) => [artifact.path, artifact]));
    return decodeOutputs(
      record,
      (path) => this.#readArtifact(record.key, artifacts.get(path) as StepArtifact),
      (path) => this.locate(record.key, path),
      buildModel,
    );
  }

  async #readArtifact(key: string, { path, bytes, sha256: expected }: StepArtifact): Promise<Uint8Array> {
    const file = this.locate(key, path);
    const content = await unlessMissing(readFile(file));
    if (content === undefined) throw corrupt(file, "is missing", this.#folder(key));
    if (content.length !== bytes) {
      throw corrupt(
        file,
        `is damaged: it has ${content.length} bytes instead of ${bytes}`,
        this.#folder(key),
      );
    }
    if ((await sha256(content)) !== expected) {
      throw corrupt(file, "is damaged: its content is not what the step's record says", this.#folder(key));
    }
    return content;
  }

  async finish(draft: RecordDraft, outputs: StepOutputs): Promise<StepRecord> {
    const { key } = draft;
    try {
      await this.#commit(key, await this.#writeAside(draft, outputs));
    } catch (error) {
      if ((await this.find(key)) === undefined) throw error;
    }
    await this.#removeLeftovers(key);
    return (await this.find(key)) as StepRecord;
  }

  /** Writes a finished step into a folder of its own, on disk when this returns; gives the folder. */
  async #writeAside(draft: RecordDraft, outputs: StepOutputs): Promise<string> {
    makeFolder(join(this.root, "tmp"));
    const aside = await mkdtemp(join(this.root, "tmp", `${draft.key}-`));
    const summary = outputs.summary ?? {};
    const { key, kind, description, provenance } = draft;
    const artifacts: StepArtifact[] = [];
    const provenanceJson = { key, kind, description, summary, ...provenance } as unknown as JsonObject;
    for (const [path, content] of encodeOutputs(outputs, provenanceJson)) {
      makeFolder(dirname(join(aside, path)));
      await writeDurably(join(aside, path), content);
      artifacts.push({ path, bytes: content.length, sha256: await sha256(content) });
    }
    for (const folder of new Set(artifacts.map(({ path }) => dirname(join(aside, path))))) {
      if (folder !== aside) await syncFolder(folder);
    }
    const { details } = outputs;
    const record: StepRecord = {
      format: 1,
      ...draft,
      summary,
      ...(details === undefined ? {} : { details }),
      artifacts,
    };
    await writeAtomically(join(aside, RECORD), `${stringifyExact(record, 1)}\n`);
    return aside;
  }

  /** Moves a written step to its place, unless a finished one is there already. */
  async #commit(key: string, aside: string): Promise<void> {
    const folder = this.#folder(key);
    makeFolder(dirname(folder));
    try {
      await rename(aside, folder);
    } catch (error) {
      if (!["ENOTEMPTY", "EEXIST", "EPERM", "ENOTDIR"].includes(errorCode(error) ?? "")) throw error;
      if ((await this.find(key)) !== undefined) return;
      await rename(folder, join(await mkdtemp(join(this.root, "tmp", `${key}-`)), "unfinished"));
      await rename(aside, folder);
    }
    await syncFolder(dirname(folder));
  }

  /**
   * Removes the state of a finished step, and what crashes left of earlier attempts at it. Another process that is still
   * writing its own attempt may keep a folder alive; it clears up itself when it finds the step finished.
   */
  async #removeLeftovers(key: string): Promise<void> {
    for (const folder of [join(this.root, "tmp"), join(this.root, "state")]) {
      for (const name of (await unlessMissing(readdir(folder))) ?? []) {
        if (!name.startsWith(key)) continue;
        await rm(join(folder, name), { recursive: true, force: true }).catch((error: unknown) => {
          if (!["ENOTEMPTY", "EBUSY", "EPERM"].includes(errorCode(error) ?? "")) throw error;
        });
      }
    }
  }

  async loadState(key: string): Promise<StepState | undefined> {
    const bytes = await unlessMissing(readFile(this.#stateFile(key)));
    return bytes === undefined ? undefined : decodeState(key, bytes);
  }

  async saveState(key: string, state: StepState): Promise<void> {
    try {
      await writeAtomically(this.#stateFile(key), encodeState(key, state));
    } catch (error) {
      // Another process has finished the same step and cleared up in between: the state has served its purpose.
      if (errorCode(error) !== "ENOENT" || (await this.find(key)) === undefined) throw error;
    }
  }
}
