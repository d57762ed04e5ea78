/** What a shell has to do for the replay that advice rests on. */
import { reproduceLine } from '../spec/index.ts';
import type { Advice } from './advice.ts';
import { bestLanes } from './best-lanes.ts';

const STATE_FILE = 'board.vmt';
const STDIN = '-';

/** @param archives those to be unpacked first @param paths as the files were named; `-` is standard input */
export function adviceCommands(
  advice: Advice,
  archives: readonly string[],
  paths: readonly string[],
): string[] {
  const { state, tried, trace, evidence } = advice;
  const unpack = archives.map((archive) => `tar xf ${archive}`);
  if (tried === undefined) return [];
  if (paths.includes(STDIN))
    return ['# save what was piped in, and name the file: its replay can then be reproduced'];
  const best = bestLanes(advice);
  const lanes = best.flatMap((lane) => ['--layouts', lane]);
  if (trace !== undefined) return [...unpack, ...traceCommands(evidence.traces[0]!, lanes)];
  if (state === undefined) return [...unpack, ...best.map((lane) => reproduceLine('layouts', [lane]))];
  return [
    ...unpack,
    reproduceLine('advise', [...paths, '-o', STATE_FILE]),
    reproduceLine('diff', [STATE_FILE, ...lanes]),
  ];
}

function traceCommands(path: string, lanes: readonly string[]): string[] {
  if (path.endsWith('.vmt')) return [reproduceLine('diff', [path, ...lanes])];
  return [reproduceLine('import', [path, '-o', STATE_FILE]), reproduceLine('diff', [STATE_FILE, ...lanes])];
}
