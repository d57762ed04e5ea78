import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Tests that start programs: to do that out of a process that has grown for minutes takes a second each. */
const STARTING = readdirSync('tests', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => join('tests', name))
  .filter((file) => readFileSync(file, 'utf8').includes("from 'node:child_process'"));

export default defineConfig({
  test: {
    setupFiles: ['tests/support/setup.ts'],
    testTimeout: 60_000,
    maxWorkers: 2,
    // The modules are as Node reads them.
    execArgv: [`--import=${new URL('tests/support/loader/register.mjs', import.meta.url)}`],
    experimental: { viteModuleRunner: false, nodeLoader: false },
    projects: [
      // One process reads the modules once, for all its files.
      {
        extends: true,
        test: { name: 'tests', include: ['tests/**/*.test.ts'], exclude: STARTING, isolate: false },
      },
      { extends: true, test: { name: 'programs', include: STARTING, isolate: true } },
    ],
  },
});
