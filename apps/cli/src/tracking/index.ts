export { startSender } from "./start-sender.js";
export { syncCommand, trackingUriOf } from "./sync-command.js";
export { mlflowCacheDir, uiCommand } from "./ui-command.js";
