import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "{scripts,benchmarks}/**/*.test.ts"],
    maxWorkers: "100%", // by default one core would be left idle
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
