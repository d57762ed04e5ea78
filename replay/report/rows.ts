/** The rows of the comparison table, in groups: what each says of one layout. */

import { ADDRESSES, FAULT_FIGURES } from '../../core/outcome/outcome.ts';
import type { TlbSplit } from '../figures/tlb-figures.ts';
import { kindsByUse, type StatusCounts } from '../lane/tally.ts';
import type { LayoutResult } from '../run/result.ts';
import { formatBytes, formatCount, formatNs, formatPerThousand, formatShare } from '../text/units.ts';

export interface Row {
  readonly label: string;
  readonly cell: (layout: LayoutResult) => string;
}

interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Groups without anything to say about any of the layouts are left out, and so are such rows. */
export function tableOf(layouts: readonly LayoutResult[]): Group[] {
  const says = (row: Row): boolean => layouts.some((layout) => row.cell(layout) !== NOTHING);
  return [
    allocations(),
    recordedAsFailed(),
    memory(layouts),
    addressSpace(),
    faults(),
    hugePages(),
    reclaim(),
    translation(layouts),
    time(),
  ]
    .map(({ title, rows }) => ({ title, rows: rows.filter(says) }))
    .filter(({ rows }) => rows.length > 0);
}

const NOTHING = '-';

function count(label: string, figure: (layout: LayoutResult) => number): Row {
  return { label, cell: (layout) => (figure(layout) === 0 ? NOTHING : formatCount(figure(layout))) };
}

function bytes(label: string, figure: (layout: LayoutResult) => number): Row {
  return { label, cell: (layout) => (figure(layout) === 0 ? NOTHING : formatBytes(figure(layout))) };
}

/** `1,204 ok, 3 vmalloc-space`. */
function statuses(counts: Readonly<StatusCounts> = {}): string {
  const parts = Object.entries(counts).map(([status, n]) => `${formatCount(n)} ${status}`);
  return parts.length === 0 ? NOTHING : parts.join('\n');
}

function allocations(): Group {
  const rows = kindsByUse().allocating.map((kind) => ({
    label: kind,
    cell: (layout: LayoutResult) => statuses(layout.allocations[kind]),
  }));
  const others = (layout: LayoutResult): string => {
    const entries = Object.entries(layout.otherFailures);
    return entries.map(([kind, failed]) => `${kind}: ${statuses(failed)}`).join('\n') || NOTHING;
  };
  return { title: 'allocations', rows: [...rows, { label: 'other failures', cell: others }] };
}

function recordedAsFailed(): Group {
  return {
    title: 'requests that failed where they were recorded',
    rows: [
      count('succeed here', (layout) => layout.recordedAsFailed.succeed),
      count('fail here too', (layout) => layout.recordedAsFailed.fail),
    ],
  };
}

function memory(layouts: readonly LayoutResult[]): Group {
  const zones = ['DMA', 'DMA32', 'Normal', 'HighMem'].filter((name) =>
    layouts.some((layout) => layout.memory.zones.some((zone) => zone.name === name)),
  );
  const zoneCell = (layout: LayoutResult, name: string): string => {
    const zone = layout.memory.zones.find((candidate) => candidate.name === name);
    return zone === undefined ? NOTHING : ofTotal(zone.freeBytes, zone.totalBytes);
  };
  return {
    title: 'memory at the end (free of total)',
    rows: [
      { label: 'low', cell: ({ memory: { low } }) => ofTotal(low.freeBytes, low.totalBytes) },
      { label: 'high', cell: ({ memory: { high } }) => ofTotal(high.freeBytes, high.totalBytes) },
      ...zones.map((name) => ({
        label: `  ${name}`,
        cell: (layout: LayoutResult) => zoneCell(layout, name),
      })),
      bytes('page tables', (layout) => layout.pageTableBytes),
      bytes('  at most', (layout) => layout.pageTableBytesPeak),
    ],
  };
}

function ofTotal(part: number, whole: number): string {
  return whole === 0 ? NOTHING : `${formatBytes(part)} of ${formatBytes(whole)}`;
}

function addressSpace(): Group {
  return {
    title: 'address space',
    rows: [
      { label: 'vmalloc used', cell: ({ vmalloc: v }) => ofTotal(v.usedBytes, v.totalBytes) },
      bytes('  at most, without guards', (layout) => layout.vmalloc.peakBytes),
      bytes('  largest hole', (layout) => layout.vmalloc.largestHoleBytes),
      {
        label: 'kmap slots at most',
        cell: ({ kmap }) => (kmap.slots === 0 ? NOTHING : `${kmap.peak} of ${kmap.slots}`),
      },
      ...ADDRESSES.flatMap(({ key, label }) =>
        key === 'none' ? [] : [count(`given: ${label}`, (layout) => layout.addressTypes[key])],
      ),
      count('bounce buffer slots at most', (layout) => layout.counters.bounceSlotsPeak),
      bytes('copied to and from bounce buffers', (layout) => layout.counters.bouncedBytes),
    ],
  };
}

function faults(): Group {
  return {
    title: 'page faults',
    rows: FAULT_FIGURES.map(({ key, label }) => count(label, (layout) => layout.faults[key])),
  };
}

function hugePages(): Group {
  return {
    title: 'huge pages',
    rows: [
      count('given by page faults', ({ counters }) => counters.thpFaultAlloc),
      count('made by khugepaged', ({ counters }) => counters.thpPagesCollapsed),
      count('no block free for one', ({ counters }) => counters.thpFaultFallback),
      count('entries split', ({ counters }) => counters.thpSplitPmd),
      count('split into base pages', ({ counters }) => counters.thpSplitPage),
    ],
  };
}

function reclaim(): Group {
  return {
    title: 'reclaim',
    rows: [
      count('pages scanned', ({ counters }) => counters.pgscanKswapd + counters.pgscanDirect),
      count('pages freed by kswapd', ({ counters }) => counters.pgstealKswapd),
      count('pages freed by who needed them', ({ counters }) => counters.pgstealDirect),
      count('pages of files written', ({ counters }) => counters.fileWritebacks),
      count('swapped out', ({ counters }) => counters.pswpout),
      count('swapped in', ({ counters }) => counters.pswpin),
      count('runs of kswapd', ({ counters }) => counters.kswapdRuns),
      count('OOM kills', ({ counters }) => counters.oomKills),
    ],
  };
}

function translation(layouts: readonly LayoutResult[]): Group {
  const share = (label: string, part: (layout: LayoutResult) => number): Row => ({
    label,
    cell: (layout) =>
      layout.tlb.translations === 0
        ? NOTHING
        : `${formatCount(part(layout))} (${formatShare(part(layout), layout.tlb.translations)})`,
  });
  const ofWalks = (label: string, hits: (layout: LayoutResult) => number): Row => ({
    label,
    cell: (layout) =>
      hits(layout) === 0
        ? NOTHING
        : `${formatCount(hits(layout))} (${formatShare(hits(layout), layout.tlb.walks)})`,
  });
  return {
    title: 'translation',
    rows: [
      count('references', (layout) => layout.references.total),
      count('  user', (layout) => layout.references.userVirtual),
      count('  kernel logical', (layout) => layout.references.kernelLogical),
      count('  kernel virtual', (layout) => layout.references.kernelVirtual),
      count('  failed', (layout) => layout.references.failed),
      count('pages translated', ({ tlb }) => tlb.translations),
      share('L1 TLB hits', ({ tlb }) => tlb.l1Hits),
      share('L2 TLB hits', ({ tlb }) => tlb.l2Hits),
      share('walks', ({ tlb }) => tlb.walks),
      {
        label: 'entries read by a walk',
        cell: ({ tlb }) => (tlb.walks === 0 ? NOTHING : (tlb.walkReferences / tlb.walks).toFixed(2)),
      },
      ...walkLevels(layouts),
      ofWalks('  PDE cache hits', ({ tlb }) => tlb.walkCacheHits),
      ofWalks('  PDPTE cache hits', ({ tlb }) => tlb.pdpteCacheHits),
      ofWalks('  PML4E cache hits', ({ tlb }) => tlb.pml4eCacheHits),
      ofWalks('  PML5E cache hits', ({ tlb }) => tlb.pml5eCacheHits),
      ...perThousand('L1 misses (per 1,000 references)', layouts, ({ l2Hits, walks }) => l2Hits + walks),
      ...perThousand('walks (per 1,000 references)', layouts, ({ walks }) => walks),
      count('TLB flushes', ({ tlb }) => tlb.flushes),
      count('TLB shootdowns', ({ tlb }) => tlb.shootdowns),
      count('KPTI switches', ({ tlb }) => tlb.kptiSwitches),
    ],
  };
}

/** Entries that walks read of each level, and how long that took. Levels of one name share a row. */
function walkLevels(layouts: readonly LayoutResult[]): Row[] {
  const deepestFirst = [...layouts].sort((a, b) => b.tlb.walkLevels.length - a.tlb.walkLevels.length);
  const names = new Set(deepestFirst.flatMap(({ tlb }) => tlb.walkLevels.map(({ level }) => level)));
  return [...names].map((name) => ({
    label: name === null ? '  of levels above' : `  of ${name}`,
    cell: ({ tlb }) => {
      const found = tlb.walkLevels.find(({ level }) => level === name);
      return found === undefined || found.entriesRead === 0
        ? NOTHING
        : `${formatCount(found.entriesRead)} (${formatNs(found.ns)})`;
    },
  }));
}

/** More cpus than these are in the JSON only. */
const MOST_CPUS = 8;

/** How many there were, and how many of a thousand references that makes. */
function perThousand(
  label: string,
  layouts: readonly LayoutResult[],
  misses: (counts: TlbSplit) => number,
): Row[] {
  const row = (part: string, split: (tlb: LayoutResult['tlb']) => TlbSplit | undefined): Row => ({
    label: part,
    cell: ({ tlb }) => {
      const counts = split(tlb);
      const found = counts === undefined ? 0 : misses(counts);
      return found === 0
        ? NOTHING
        : `${formatCount(found)} (${formatPerThousand(found, tlb.all.references)})`;
    },
  });
  const cpus = [...new Set(layouts.flatMap(({ tlb }) => tlb.cpus.map(({ cpu }) => cpu)))];
  const shown = cpus.length > 1 && cpus.length <= MOST_CPUS ? cpus.sort((a, b) => a - b) : [];
  return [
    row(label, (tlb) => tlb.all),
    row('  by instructions', (tlb) => tlb.instruction),
    row('  by data', (tlb) => tlb.data),
    row('  of user pages', (tlb) => tlb.user),
    row('  of kernel pages', (tlb) => tlb.kernel),
    ...shown.map((number) => row(`  on cpu ${number}`, (tlb) => tlb.cpus.find(({ cpu }) => cpu === number))),
  ];
}

function time(): Group {
  return {
    title: 'time',
    rows: [
      { label: 'simulated', cell: (layout) => formatNs(layout.simulatedNs) },
      {
        label: 'replayed at',
        cell: ({ eventsPerSecond }) =>
          eventsPerSecond === 0 ? NOTHING : `${(eventsPerSecond / 1e6).toFixed(1)} M events/s`,
      },
      { label: 'outcome digest', cell: (layout) => layout.digest },
    ],
  };
}
