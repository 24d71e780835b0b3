// Proves that core and the plugins load and work in a browser: bundles them, opens the page in headless Chromium, trains and
// fuses there, and compares the digits drawn there with Node's, byte for byte. Needs Chromium (CHROMIUM, or /usr/bin/chromium).
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "@isthmus/core";
import { digits } from "@isthmus/datasets";
import { chromium } from "playwright-core";
import { build } from "vite";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(executablePath)) {
  console.error(`error: there is no Chromium at ${executablePath}; install it, or set CHROMIUM to its path.`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "isthmus-browser-"));
const root = fileURLToPath(new URL("browser", import.meta.url));
await build({
  root,
  logLevel: "error",
  build: {
    outDir: folder,
    emptyOutDir: true,
    lib: { entry: join(root, "main.js"), formats: ["es"], fileName: "main" },
  },
});
writeFileSync(join(folder, "index.html"), '<!doctype html><script type="module" src="main.js"></script>');
const wasm = dirname(
  createRequire(import.meta.resolve("@isthmus/core")).resolve("@tensorflow/tfjs-backend-wasm"),
);
for (const name of ["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm"])
  copyFileSync(join(wasm, name), join(folder, name));

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const server = createServer((request, response) => {
  const path = join(folder, request.url === "/" ? "index.html" : decodeURIComponent(request.url ?? ""));
  if (!existsSync(path)) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/plain" }).end(readFileSync(path));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const browser = await chromium.launch({
  executablePath,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
  ],
});
let failed = true;
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(error));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => window.result !== undefined, undefined, { timeout: 120_000 });
  const result = await page.evaluate(() => window.result);
  console.log(JSON.stringify(result, null, 2));
  const { data: options } = digits.options.safeParse({ train: 2000, test: 500 });
  const here = await digits.load(options, { files: {} });
  const same = result.digest === (await sha256(here.splits.train.images));
  console.log(same ? "The digits are Node's, byte for byte." : "The digits differ from Node's.");
  failed = !(result.error === undefined && same && result.accuracy.a > 0.7 && result.accuracy.curve > 0.7);
} finally {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true });
}
console.log(failed ? "1 failed" : "Core and the plugins work in a browser.");
process.exit(failed ? 1 : 0);
