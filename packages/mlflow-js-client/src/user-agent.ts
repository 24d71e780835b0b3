import { createRequire } from "node:module";

const manifest = createRequire(import.meta.url)("../package.json") as { readonly version: string };

/** How this client introduces itself to servers. */
export const USER_AGENT = `mlflow-js-client/${manifest.version}`;
