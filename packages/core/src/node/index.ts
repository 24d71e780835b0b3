export type { NodeDataFilesOptions } from "./data-files.js";
export { nodeDataFiles } from "./data-files.js";
