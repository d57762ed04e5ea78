import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { builtCli, freshThreadProgram } from './tests/support/build.ts';

/** Of processes beside each other, however many cores there are. */
const MOST_WORKERS = 8;

/** Imported by tests that go as deep as they are asked to. */
const DEPTH = join('tests', 'support', 'depth.ts');

const ALL = readdirSync('tests', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => join('tests', name));

/** Those that run: for hours only what has more to try then. */
const FILES = ALL.filter((file) => process.env.VMSPLIT_TESTS !== 'long' || importsOf(file).has(DEPTH));

/** Tests in a browser, which is started once for all of them. */
const IN_BROWSER = FILES.filter((file) => file.startsWith(join('tests', 'replay', 'page', 'browser')));

/** Those that start programs do it from a process of their own: out of one that has grown for minutes it takes a second each. */
const PROGRAMS = FILES.filter((file) => !IN_BROWSER.includes(file) && starts(file) && !changesProcess(file));

/** Those that change what all tests of a process share. */
const ALONE = FILES.filter(changesProcess);

/**
 * Whether it adds a kind of event, which traces written in the same process have in their header from then on; or counts
 * work, for which V8 gives up what it has compiled.
 */
function changesProcess(file: string): boolean {
  const text = readFileSync(file, 'utf8');
  return text.includes('defineKind(') || text.includes('new WorkCounter(');
}

/** Whether it, or what it imports of the tests, starts a program. */
function starts(file: string): boolean {
  return [...importsOf(file)].some((one) => readFileSync(one, 'utf8').includes("from 'node:child_process'"));
}

/** The file, and what it imports of the tests. */
function importsOf(file: string): Set<string> {
  const files = new Set([file]);
  for (const one of files)
    for (const [, name] of readFileSync(one, 'utf8').matchAll(/ from '(\..*\.ts)'/g)) {
      const imported = join(dirname(one), name!);
      if (imported.startsWith('tests') && existsSync(imported)) files.add(imported);
    }
  return files;
}

/** Who asks for no file, name or project. */
const ASKS_FOR_ALL = process.argv
  .slice(2)
  .every((word) => word === 'run' || (word.startsWith('-') && !word.startsWith('--project')));

// All tests need what is built sooner or later. Made before, no test waits for it, and threads begin with it.
if (ASKS_FOR_ALL) builtCli();

export default defineConfig({
  test: {
    setupFiles: ['tests/support/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // No more than there are cores: each reads the modules and has them compiled for itself.
    maxWorkers: Math.min(availableParallelism(), MOST_WORKERS),
    execArgv: [
      // The modules are as Node reads them.
      `--import=${new URL('tests/support/loader/register.mjs', import.meta.url)}`,
      // Tests make and forget machines all the time: with room for the young, less is moved and marked.
      '--max-semi-space-size=64',
      '--single-threaded-gc',
      // Each gives functions machines of another kind for a moment, for which V8 optimizes them anew: that was a fifth of
      // all work. What runs for longer is optimized still. (V8 12 has no such option, and would refuse to start.)
      '--always-sparkplug',
      ...(process.versions.v8.startsWith('11.') ? ['--interrupt-budget=1000000'] : []),
    ],
    env: { VMSPLIT_THREAD_PROGRAM: freshThreadProgram() ?? '' },
    experimental: { viteModuleRunner: false, nodeLoader: false },
    projects: [
      // One process reads the modules once, for all its files.
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['tests/**/*.test.ts'],
          exclude: [...PROGRAMS, ...ALONE, ...IN_BROWSER, ...ALL.filter((file) => !FILES.includes(file))],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'programs', include: PROGRAMS, isolate: false } },
      { extends: true, test: { name: 'alone', include: ALONE, isolate: true } },
      {
        extends: true,
        test: {
          name: 'browser',
          include: IN_BROWSER,
          isolate: false,
          globalSetup: ['tests/replay/page/browser/support/chromium.mjs'],
        },
      },
    ],
  },
});
