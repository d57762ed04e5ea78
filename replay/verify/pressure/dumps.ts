/**
 * The dumps of a capture of memory pressure: what a program at marks read of /proc, in one text.
 *
 *     ### MARK half                                   a mark: the same line, `mark half`, is in the trace
 *     ### STEP 3 MADV_DONTNEED pages 100-149          a step of a program, in the same way; `step 3 ...` in the trace
 *     ### FILE /proc/vmstat                           a file as it was then
 *     ### PAGEMAP pid 80 anon 7fffef779000-7ffff7ff9000 (...)   pages of a mapping, as runs:
 *     0 203 swapped 3632 +                            page of the mapping, pages, state, frame or slot, its step
 *     ### CACHED /mnt/f (...)                         pages of a file in the page cache, as runs: page, pages, cached or -
 *     ### NOTE R 19969 N 29952                        what the program says of itself: names and numbers
 *
 * Files before the first mark are of the whole run: /proc/iomem, /proc/sys/vm/swappiness.
 */
import { UsageError } from '../../../core/index.ts';

/** Pages [first, first + count) of a mapping, all in one state. */
export interface PageRun {
  readonly first: number;
  readonly count: number;
  readonly state: 'present' | 'swapped' | 'none';
  /** First frame, or slot of the swap area; `step` leads to that of the next page. */
  readonly value: number;
  readonly step: number;
}

export interface CachedRun {
  readonly first: number;
  readonly count: number;
  readonly cached: boolean;
}

/** What was read at a mark. */
export interface DumpedMark {
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
  /** By the name of the mapping. */
  readonly pagemaps: ReadonlyMap<string, readonly PageRun[]>;
  /** By the name of the file. */
  readonly cached: ReadonlyMap<string, readonly CachedRun[]>;
}

export interface Dumps {
  /** Files of the whole run. */
  readonly files: ReadonlyMap<string, string>;
  readonly marks: readonly DumpedMark[];
  /** Steps of a program, between its marks, as `N what was done`. */
  readonly steps: readonly DumpedMark[];
  readonly notes: readonly string[];
}

interface OpenMark {
  readonly name: string;
  readonly files: Map<string, string>;
  readonly pagemaps: Map<string, readonly PageRun[]>;
  readonly cached: Map<string, readonly CachedRun[]>;
}

const RUN = /^(\d+) (\d+) (present|swapped|none) (\d+)(?: ([-+=]))?/;
const CACHED_RUN = /^(\d+) (\d+) (cached|-)$/;
const STEPS = { '+': 1, '-': -1, '=': 0 } as const;

/** @param name of the file, for messages */
export function parseDumps(text: string, name: string): Dumps {
  const run = newMark('');
  const marks: OpenMark[] = [];
  const steps: OpenMark[] = [];
  const notes: string[] = [];
  let mark = run;
  for (const section of text.split(/^### /m)) {
    const end = section.indexOf('\n');
    const [kind, ...words] = section.slice(0, end < 0 ? undefined : end).split(' ');
    const body = end < 0 ? '' : section.slice(end + 1);
    const rest = words.join(' ');
    if (kind === 'MARK' || kind === 'STEP') {
      mark = newMark(rest);
      (kind === 'MARK' ? marks : steps).push(mark);
    }
    if (kind === 'NOTE') notes.push(rest);
    else if (kind === 'FILE') mark.files.set(rest, body);
    else if (kind === 'PAGEMAP') mark.pagemaps.set(words[2] ?? '', runsOf(body));
    else if (kind === 'CACHED') mark.cached.set(words[0] ?? '', cachedRunsOf(body));
  }
  if (marks.length === 0)
    throw new UsageError(
      `${name}: found no mark, expected dumps of a machine under memory pressure ('### MARK name', then '### FILE /proc/vmstat' and others)`,
    );
  return { files: run.files, marks, steps, notes };
}

function newMark(name: string): OpenMark {
  return { name, files: new Map(), pagemaps: new Map(), cached: new Map() };
}

function runsOf(body: string): PageRun[] {
  return body.split('\n').flatMap((line) => {
    const [, first, count, state, value, sign] = RUN.exec(line) ?? [];
    if (state === undefined) return [];
    const step = STEPS[(sign ?? '+') as keyof typeof STEPS];
    return [
      {
        first: Number(first),
        count: Number(count),
        state: state as PageRun['state'],
        value: Number(value),
        step,
      },
    ];
  });
}

function cachedRunsOf(body: string): CachedRun[] {
  return body.split('\n').flatMap((line) => {
    const [, first, count, what] = CACHED_RUN.exec(line) ?? [];
    if (what === undefined) return [];
    return [{ first: Number(first), count: Number(count), cached: what === 'cached' }];
  });
}

/** Lines of a name and a number: /proc/vmstat, or /proc/meminfo (in kB). */
export function namedNumbers(text: string): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^([\w()]+):? +(\d+)/.exec(line) ?? [];
    if (name !== undefined) numbers.set(name, Number(value));
  }
  return numbers;
}
