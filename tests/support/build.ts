/** The built programs, for tests that need a process or a page: made when they are missing or a source is newer. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = ['core', 'workloads', 'traces', 'replay'];
const CLI = 'dist/vmsplit.js';
const PAGE = 'dist/page.html';
const THREADS = 'dist/parts/run-worker.js';

/** Path of the command line. Type errors do not keep it from being built; `npm run typecheck` is there to find them. */
export function builtCli(): string {
  return built(CLI);
}

/** Path of the page. */
export function builtPage(): string {
  return built(PAGE);
}

/** What threads run, if it is as new as the sources: out of hundreds of modules a thread takes seconds to begin. */
export function freshThreadProgram(): string | undefined {
  return isStale() ? undefined : THREADS;
}

function built(file: string): string {
  if (isStale()) oneAtATime(build);
  if (modifiedMs(file) === 0) throw new Error(`${file} could not be built: npm run build tells why`);
  return file;
}

function isStale(): boolean {
  return Math.min(...[CLI, PAGE, THREADS].map(modifiedMs)) < Math.max(...sourceFiles().map(modifiedMs));
}

function build(): void {
  if (isStale()) spawnSync('npm', ['run', '--silent', 'bundle']);
}

function sourceFiles(): string[] {
  const files = SOURCES.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  return ['package.json', 'rolldown.config.ts', ...files.filter((file) => /\.(tsx?|css)$/.test(file))];
}

/** 0 when there is no such file. */
function modifiedMs(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** A folder that somebody is building in; what is older was left by a run that was killed. */
const LOCK = join('node_modules', '.building');
const LONGEST_BUILD_MS = 60_000;

/** Files of tests run beside each other, and half of a program is none. */
function oneAtATime(work: () => void): void {
  while (!taken()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  try {
    work();
  } finally {
    rmdirSync(LOCK);
  }
}

function taken(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    if (performance.timeOrigin + performance.now() - modifiedMs(LOCK) > LONGEST_BUILD_MS) rmdirSync(LOCK);
    return false;
  }
}
