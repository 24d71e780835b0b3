// npm run schema: writes recipes/recipe.schema.json, which editors use, from the schemas of the installed plugins.
// With --check, says whether it is up to date instead.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { recipeSchema } from "@isthmus/core";
import { openHost } from "@isthmus/core/node";

const root = fileURLToPath(new URL("..", import.meta.url));
const file = fileURLToPath(new URL("../recipes/recipe.schema.json", import.meta.url));
const text = `${JSON.stringify(await recipeSchema(await openHost(root)), null, 2)}\n`;
if (!process.argv.includes("--check")) {
  writeFileSync(file, text);
} else if (readFileSync(file, "utf8") !== text) {
  console.error("recipes/recipe.schema.json is not what the plugins say; run: npm run schema");
  process.exit(1);
}
