// Compiles files of a package's assembly/ to WebAssembly and writes each as text into a source file, so that it loads wherever the
// package does. Run in the package's folder before the TypeScript compiler.
// Usage: node ../../scripts/build-kernels.mjs NAME src/….generated.ts [NAME src/….generated.ts …]   for assembly/NAME.ts
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import asc from "assemblyscript/asc";

async function compile(name) {
  const file = `${name}.ts`;
  let code;
  const { error, stderr } = await asc.main(
    [
      file,
      "-O3",
      "--enable",
      "simd",
      "--runtime",
      "stub",
      "--importMemory",
      "--noAssert",
      "--outFile",
      "kernels.wasm",
    ],
    {
      readFile: (asked) => (asked === file ? readFileSync(`assembly/${file}`, "utf8") : null),
      writeFile: (_name, contents) => {
        code = contents;
      },
      listFiles: () => [],
    },
  );
  if (error) {
    process.stderr.write(stderr.toString());
    process.exit(1);
  }
  return code;
}

const given = process.argv.slice(2);
for (let i = 0; i < given.length; i += 2) {
  const [name, target] = given.slice(i, i + 2);
  const text = `/** assembly/${name}.ts, compiled to WebAssembly, in base64. */
export const WASM_${name.toUpperCase()} =
  "${Buffer.from(await compile(name)).toString("base64")}";
`;
  // Left alone where nothing has changed, so that what watches it does not start anew.
  if (!existsSync(target) || readFileSync(target, "utf8") !== text) writeFileSync(target, text);
}
