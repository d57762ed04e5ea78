import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/support/setup.ts'],
    testTimeout: 60_000,
    maxWorkers: 2,
    // One process reads the modules once, for all its files, and as Node reads them.
    isolate: false,
    execArgv: [`--import=${new URL('tests/support/loader/register.mjs', import.meta.url)}`],
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
});
