/** Comparing with an earlier run: the output of `--json`, row by row. */
import { readFile } from 'node:fs/promises';
import { UsageError } from '../../core/base/errors.ts';
import type { Result } from './measure.ts';

type Earlier = Pick<Result, 'suite' | 'name' | 'eventsPerSecond' | 'cpuNsPerEvent'>;

/** Ratios new/old of speed: above 1 is faster than before. */
export interface Comparison extends Result {
  readonly ratio?: number;
  /** The same by CPU time. */
  readonly cpuRatio?: number;
}

export async function readEarlier(path: string): Promise<readonly Earlier[]> {
  type Run = { readonly results: readonly Earlier[] };
  const run = await readRun<Run>(path, isEarlier, 'npm run --silent bench -- --json > FILE');
  return run.results;
}

/** A run as `--json` printed it; `command` makes one. */
export async function readRun<T extends { readonly results: readonly unknown[] }>(
  path: string,
  isResult: (value: unknown) => value is T['results'][number],
  command: string,
): Promise<T> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'no such file' : error.message;
    throw new UsageError(`${path}: cannot be read: ${reason}`, { cause: error });
  });
  const run = parsed(text) as Partial<T> | null | undefined;
  if (Array.isArray(run?.results) && run.results.every(isResult)) return run as T;
  throw new UsageError(
    `${path}: found something else than the results of a run; expected what --json prints. ` +
      `Make it with \`${command}\``,
  );
}

/** Rows that the earlier run lacks have no ratio. */
export function compared(results: readonly Result[], earlier: readonly Earlier[]): Comparison[] {
  return results.map((result) => {
    const old = earlier.find(({ suite, name }) => suite === result.suite && name === result.name);
    if (old === undefined) return result;
    return {
      ...result,
      ratio: result.eventsPerSecond / old.eventsPerSecond,
      cpuRatio: old.cpuNsPerEvent / result.cpuNsPerEvent,
    };
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEarlier(value: unknown): value is Earlier {
  const row = value as Partial<Earlier> | null;
  return (
    typeof row?.suite === 'string' &&
    typeof row.name === 'string' &&
    typeof row.eventsPerSecond === 'number' &&
    typeof row.cpuNsPerEvent === 'number'
  );
}
