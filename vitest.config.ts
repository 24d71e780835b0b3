import { defineConfig } from "vitest/config";

const tests = ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "{scripts,benchmarks}/**/*.test.ts"];
/**
 * What loads a library, registers a backend or reads how many threads there are does so once a process: each of these files has one of
 * its own. All others share theirs, and with it TensorFlow.js, which takes half a second to import: what they change they put back.
 */
const engines = [
  "packages/core/src/numerics/engine/**/*.test.ts",
  "packages/tfjs-backend-blas/src/**/*.test.ts",
];

export default defineConfig({
  test: {
    maxWorkers: "100%", // by default one core would be left idle
    projects: [
      { extends: true, test: { name: "shared", include: tests, exclude: engines, isolate: false } },
      { extends: true, test: { name: "alone", include: engines } },
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The packages' own builds: Node imports them faster than vitest transforms them.
    server: { deps: { external: [/\/(packages|apps)\/[^/]+\/dist\//] } },
  },
});
