// Compiles a package's assembly/kernels.ts to WebAssembly and writes it as text into a source file, so that it loads wherever the
// package does. Run in the package's folder before the TypeScript compiler.
// Usage: node ../../scripts/build-kernels.mjs src/….generated.ts
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import asc from "assemblyscript/asc";

const [target] = process.argv.slice(2);

let code;
const { error, stderr } = await asc.main(
  [
    "kernels.ts",
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
    readFile: (name) => (name === "kernels.ts" ? readFileSync("assembly/kernels.ts", "utf8") : null),
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
const text = `/** assembly/kernels.ts, compiled to WebAssembly, in base64. */
export const WASM_KERNELS =
  "${Buffer.from(code).toString("base64")}";
`;
// Left alone where nothing has changed, so that what watches it does not start anew.
if (!existsSync(target) || readFileSync(target, "utf8") !== text) writeFileSync(target, text);
