/** The figures of a timeline: one row each. Levels are as they are at a moment, flows what came since the sample before. */
import type { Machine } from '../../core/machine/machine.ts';
import { COUNTER, type CounterName } from '../../core/outcome/counters.ts';
import { memoryOf, pageBytesOf, vmallocOf } from '../figures/figures.ts';

/** A figure of a machine, and how it is shown. */
export interface TimelineFigure {
  readonly name: string;
  /** Of its column in a table of text. */
  readonly head: string;
  readonly doc: string;
  readonly unit: 'bytes' | 'count';
  /** `flow`: samples have the difference to the sample before. */
  readonly kind: 'level' | 'flow';
  of(machine: Machine): number;
}

const level = (
  name: string,
  head: string,
  doc: string,
  of: TimelineFigure['of'],
  unit: TimelineFigure['unit'] = 'bytes',
): TimelineFigure => ({ name, head, doc, unit, kind: 'level', of });

const flow = (
  name: string,
  head: string,
  doc: string,
  ...counters: readonly CounterName[]
): TimelineFigure => ({
  name,
  head,
  doc,
  unit: 'count',
  kind: 'flow',
  of: (machine) => counters.reduce((sum, counter) => sum + machine.counters[COUNTER[counter]]!, 0),
});

const pagesOf =
  (counter: CounterName) =>
  (machine: Machine): number =>
    machine.counters[COUNTER[counter]]! * pageBytesOf(machine);

/**
 * Faults are minor and major as the kernel accounts them (mm_account_fault, mm/memory.c, v6.1): major are those that
 * waited for a disk.
 */
export const TIMELINE_FIGURES: readonly TimelineFigure[] = [
  level('freeLowBytes', 'low', 'free memory with a kernel logical address', (machine) => {
    return memoryOf(machine).low.freeBytes;
  }),
  level('freeHighBytes', 'high', 'free high memory', (machine) => memoryOf(machine).high.freeBytes),
  level('vmallocHoleBytes', 'hole', 'the largest hole of the vmalloc window', (machine) => {
    return vmallocOf(machine).largestHoleBytes;
  }),
  level('vmallocUsedBytes', 'vmused', 'areas of vmalloc and ioremap, guard pages included', (machine) => {
    return vmallocOf(machine).usedBytes;
  }),
  level('pageTableBytes', 'tables', 'page tables', pagesOf('pageTablePages')),
  level('slabBytes', 'slab', 'slabs', pagesOf('slabPages')),
  level('pageCacheBytes', 'cache', 'the page cache', pagesOf('pageCachePages')),
  level(
    'processes',
    'procs',
    'live processes and threads',
    ({ records }) => Object.keys(records.processes).length,
    'count',
  ),
  flow(
    'minorFaults',
    'minor',
    'page faults that waited for no disk',
    'demandZeroFaults',
    'zeroPageFaults',
    'copyOnWriteFaults',
    'fileMinorFaults',
  ),
  flow('majorFaults', 'major', 'page faults that read from a disk', 'fileMajorFaults', 'swapFaults'),
  flow('references', 'refs', 'accesses', 'references'),
  flow('l1Misses', 'l1miss', 'translations that the first-level TLBs lacked', 'l2Hits', 'walks'),
  flow('walks', 'walks', 'translations that all TLBs lacked: page-table walks', 'walks'),
  flow('failures', 'failed', 'events that failed', 'failures'),
];
