import { defineConfig } from 'vitest/config';

/** Pure, contract, simulation and process tests. Browser stories live in `e2e/` and have their own project. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
          exclude: ['**/*.sim.test.ts', '**/*.kernel.test.ts', '**/node_modules/**'],
          // for a machine that does other things as well; what hangs, hangs longer than that
          testTimeout: 30_000,
        },
      },
      { test: { name: 'sim', include: ['packages/*/src/**/*.sim.test.ts'], testTimeout: 600_000 } },
      {
        test: {
          name: 'kernel',
          include: ['packages/*/src/**/*.kernel.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          expect: { poll: { timeout: 60_000 } },
          include: ['e2e/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
