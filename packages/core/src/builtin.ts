import { definePlugin } from "./contracts/plugin.js";

/** What core itself contributes, as a plugin like any other. Its manifest is the `isthmus` field of core's package.json. */
export default definePlugin({
  name: "@isthmus/core",
  version: "0.1.0",
  setup() {},
});
