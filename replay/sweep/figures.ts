/** What a sweep tells of each point: one row each, a column in tables. All are those of its replay, and exact. */
import { UsageError } from '../../core/base/errors.ts';
import { nearest } from '../../core/base/nearest.ts';
import type { LayoutResult } from '../run/result.ts';
import { formatCount, shortBytes } from '../text/units.ts';

/** A figure of a point, and how it is shown. */
export interface SweepFigure {
  readonly name: string;
  /** Of its column in a table of text. */
  readonly head: string;
  readonly doc: string;
  readonly unit: 'bytes' | 'count' | 'ratio' | 'text';
  /** Null where there is none: rates of nothing. */
  of(result: LayoutResult): number | string | null;
}

const figure = (
  name: string,
  head: string,
  doc: string,
  unit: SweepFigure['unit'],
  of: SweepFigure['of'],
): SweepFigure => ({ name, head, doc, unit, of });

const FAULTS_FROM_DISK = ['fileMajor', 'swap'];

function faultsOf({ faults }: LayoutResult, isWanted: (key: string) => boolean = () => true): number {
  return Object.entries(faults).reduce((sum, [key, count]) => sum + (isWanted(key) ? count : 0), 0);
}

/** The first of them are those of a table where nobody chooses. */
export const SWEEP_FIGURES: readonly SweepFigure[] = [
  figure('failures', 'failed', 'events that failed', 'count', ({ failures }) => failures),
  figure('faults', 'faults', 'page faults of all sorts', 'count', (result) => faultsOf(result)),
  figure('walks', 'walks', 'page-table walks: what all TLBs lacked', 'count', ({ tlb }) => tlb.walks),
  figure(
    'l1MissesPerThousand',
    'L1/1000',
    'what the first-level TLBs lacked, for a thousand references',
    'ratio',
    ({ tlb }) => tlb.all.l1MissesPerThousand,
  ),
  figure(
    'l2MissesPerThousand',
    'L2/1000',
    'what the second level lacked too, for a thousand references',
    'ratio',
    ({ tlb }) => tlb.all.walksPerThousand,
  ),
  figure('pageTableBytes', 'tables', 'page tables at their most', 'bytes', (result) => {
    return result.pageTableBytesPeak;
  }),
  figure('lowFreeLowestBytes', 'low', 'free low memory at its least', 'bytes', (result) => {
    return result.lowFreeLowestBytes;
  }),
  figure(
    'vmallocHoleBytes',
    'hole',
    'the largest hole of the vmalloc window at the end',
    'bytes',
    (result) => {
      return result.vmalloc.largestHoleBytes;
    },
  ),
  figure('events', 'events', 'events replayed', 'count', ({ events }) => events),
  figure('references', 'refs', 'accesses', 'count', ({ references }) => references.total),
  figure('translations', 'transl', 'pages translated', 'count', ({ tlb }) => tlb.translations),
  figure('walkReferences', 'reads', 'entries of page tables that walks read', 'count', ({ tlb }) => {
    return tlb.walkReferences;
  }),
  figure('majorFaults', 'major', 'page faults that waited for a disk', 'count', (result) => {
    return faultsOf(result, (key) => FAULTS_FROM_DISK.includes(key));
  }),
  figure('oomKills', 'killed', 'processes that the OOM killer ended', 'count', ({ counters }) => {
    return counters.oomKills;
  }),
  figure('thpFaultAlloc', 'huge', 'huge pages that page faults gave', 'count', ({ counters }) => {
    return counters.thpFaultAlloc;
  }),
  figure('thpPagesCollapsed', 'made', 'huge pages that khugepaged made of base pages', 'count', (result) => {
    return result.counters.thpPagesCollapsed;
  }),
  figure('highFreeBytes', 'high', 'free high memory at the end', 'bytes', ({ memory }) => {
    return memory.high.freeBytes;
  }),
  figure('vmallocPeakBytes', 'vmpeak', 'most that vmalloc ever had', 'bytes', ({ vmalloc }) => {
    return vmalloc.peakBytes;
  }),
  figure('simulatedNs', 'ns', 'simulated time, of the cpu that is furthest on', 'count', (result) => {
    return result.simulatedNs;
  }),
  figure('digest', 'digest', 'fingerprint of all outcomes', 'text', ({ digest }) => digest),
];

const NR_DEFAULT = 8;
export const DEFAULT_FIGURES: readonly SweepFigure[] = SWEEP_FIGURES.slice(0, NR_DEFAULT);

/** Names with commas between them. Throws a UsageError for one that is none. */
export function figuresNamed(text: string): SweepFigure[] {
  return text.split(',').map((name) => {
    const found = SWEEP_FIGURES.find((row) => row.name === name.trim());
    if (found !== undefined) return found;
    const names = SWEEP_FIGURES.map((row) => row.name);
    const near = nearest(name, names);
    throw new UsageError(
      `--figures: found ${name}, expected some of ${names.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`,
    );
  });
}

/** A value as people read it. */
export function figureText({ unit }: SweepFigure, value: number | string | null): string {
  if (value === null) return '-';
  if (typeof value === 'string') return value;
  if (unit === 'bytes') return shortBytes(value);
  return unit === 'ratio' ? value.toFixed(2) : formatCount(value);
}
