/** The built command line, for tests that need a process: made when it is missing or a source is newer. */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = ['core', 'workloads', 'traces', 'replay'];
const BUILT = 'dist/vmsplit.js';

/** Path of the program. Type errors do not keep it from being built; `npm run typecheck` is there to find them. */
export function builtCli(): string {
  if (modifiedMs(BUILT) < Math.max(...sourceFiles().map(modifiedMs))) {
    spawnSync(process.execPath, ['node_modules/rolldown/bin/cli.mjs', '-c']);
  }
  if (modifiedMs(BUILT) === 0) throw new Error(`${BUILT} could not be built: npm run build tells why`);
  return BUILT;
}

function sourceFiles(): string[] {
  const files = SOURCES.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  return ['rolldown.config.ts', ...files.filter((file) => file.endsWith('.ts'))];
}

/** 0 when there is no such file. */
function modifiedMs(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
