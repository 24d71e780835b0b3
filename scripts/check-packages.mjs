// Checks every package's manifest with publint: entries exist, types resolve, files are published.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const root = fileURLToPath(new URL("..", import.meta.url));
let problems = 0;
for (const group of ["packages", "apps"]) {
  for (const name of readdirSync(join(root, group))) {
    const { messages, pkg } = await publint({ pkgDir: join(root, group, name), level: "warning" });
    for (const message of messages) {
      console.error(`${group}/${name}: ${formatMessage(message, pkg)}`);
      problems++;
    }
  }
}
process.exit(problems > 0 ? 1 : 0);
