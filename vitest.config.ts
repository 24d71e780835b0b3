import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "{scripts,benchmarks}/**/*.test.ts"],
    maxWorkers: "100%", // by default one core would be left idle
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The packages' own builds: Node imports them faster than vitest transforms them.
    server: { deps: { external: [/\/(packages|apps)\/[^/]+\/dist\//] } },
  },
});
