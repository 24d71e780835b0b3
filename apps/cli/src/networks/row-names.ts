import { basename, extname } from "node:path";

/**
 * Names of rows for files and other things, each different: `runs/a.safetensors` is `a`, a second one `a-2`.
 *
 * @example rowNames(["a.safetensors", "b/a.pt", "1.pt"]) // ["a", "a-2", "net-1"]
 */
export function rowNames(names: readonly string[]): readonly string[] {
  const used = new Set<string>();
  return names.map((name) => {
    const stem = basename(name, extname(name)).replaceAll(/[^\w-]/g, "-");
    const row = /^[A-Za-z]/.test(stem) ? stem : `net-${stem}`;
    let own = row;
    for (let i = 2; used.has(own); i++) own = `${row}-${i}`;
    used.add(own);
    return own;
  });
}
