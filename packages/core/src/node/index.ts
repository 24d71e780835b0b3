export type {
  EngineManifest,
  InstallableEngine,
  InstalledEngine,
} from "../numerics/engine/installed-engine.js";
export {
  cacheDir,
  ENGINE_MANIFEST,
  engineDir,
  enginePlatform,
  findInstalled,
  hasNvidiaDriver,
} from "../numerics/engine/installed-node.js";
export { writeAtomically } from "./atomic-file.js";
export { builtinSource } from "./builtin-source.js";
export { FileCodeDigest } from "./code-digest.js";
export type { NodeDataFilesOptions } from "./data-files.js";
export { nodeDataFiles } from "./data-files.js";
export { discoverPlugins, openHost } from "./discovery.js";
export { FileStore } from "./file-store.js";
export type { ProjectConfig } from "./find-project.js";
export { findProject, readConfig } from "./find-project.js";
export { Journal } from "./journal.js";
export type { JournalEntry, JournalEvent } from "./journal-event.js";
export { keepFile } from "./kept-file.js";
export { makeFolder } from "./make-folder.js";
export { journalFiles, readJournal } from "./read-journal.js";
export { randomIds, systemClock } from "./system-clock.js";
export type { WorkerSetup } from "./workers/messages.js";
export type { WorkerRunner } from "./workers/worker-runner.js";
export { workerRunner } from "./workers/worker-runner.js";
