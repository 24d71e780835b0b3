// After `changeset version`: writes each package's new version into the plugin definition in its source.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../packages", import.meta.url));
for (const name of readdirSync(packages)) {
  const { version, isthmus } = JSON.parse(readFileSync(join(packages, name, "package.json"), "utf8"));
  if (isthmus === undefined) continue;
  for (const file of ["index.ts", "builtin.ts"]) {
    const path = join(packages, name, "src", file);
    let text;
    try {
      text = readFileSync(path, "utf8");
    } catch {
      continue;
    }
    writeFileSync(
      path,
      text.replace(/(definePlugin\(\{\s*name: "[^"]+",\s*version: )"[^"]+"/, `$1"${version}"`),
    );
  }
}
