// npm run schema: writes recipes/recipe.schema.json, which editors use, from the schemas of the installed plugins.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { recipeSchema } from "@isthmus/core";
import { openHost } from "@isthmus/core/node";

const root = fileURLToPath(new URL("..", import.meta.url));
const file = fileURLToPath(new URL("../recipes/recipe.schema.json", import.meta.url));
writeFileSync(file, JSON.stringify(await recipeSchema(await openHost(root))));
const biome = fileURLToPath(new URL("../node_modules/@biomejs/biome/bin/biome", import.meta.url));
execFileSync(process.execPath, [biome, "format", "--write", file], { stdio: "inherit" });
