import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/**
 * The minified builds of vega, vega-lite and vega-embed from the installed packages, in the order in which a page loads
 * them, each with its license in a comment and fit for a `<script>` element.
 */
export async function pageScripts(): Promise<readonly string[]> {
  return Promise.all(["vega", "vega-lite", "vega-embed"].map(pageScript));
}

async function pageScript(name: string): Promise<string> {
  const build = dirname(require.resolve(name));
  const [code, license] = await Promise.all([
    readFile(join(build, `${name}.min.js`), "utf8"),
    readFile(join(build, "..", "LICENSE"), "utf8"),
  ]);
  const notice = `/*! ${name}\n\n${license.trim().replaceAll("*/", "* /")}\n*/`;
  return insideScript(`${notice}\n${code.replace(/^\/\/# sourceMappingURL=.*$/m, "").trim()}`);
}

/**
 * JavaScript that an HTML parser reads to its end inside `<script>`: `</script` and `<!--` are broken by a backslash,
 * which means nothing in the string and regular-expression literals where they occur.
 */
export function insideScript(code: string): string {
  return code.replace(/<(?=\/script)/gi, "<\\").replaceAll("<!--", "<\\!--");
}

/** A JSON value as JavaScript inside `<script>`: no `<` at all. */
export function jsonInsideScript(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}
