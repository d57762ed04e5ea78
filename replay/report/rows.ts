/** The rows of the comparison table, in groups: what each says of one layout. */

import { ADDRESSES, FAULT_FIGURES } from '../../core/outcome/outcome.ts';
import { kindsByUse, type StatusCounts } from '../lane/tally.ts';
import type { LayoutResult } from '../run/result.ts';
import { formatBytes, formatCount, formatNs, formatShare } from '../text/units.ts';

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
    memory(layouts),
    addressSpace(),
    faults(),
    hugePages(),
    reclaim(),
    translation(),
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

function translation(): Group {
  const share = (label: string, part: (layout: LayoutResult) => number): Row => ({
    label,
    cell: (layout) => formatShare(part(layout), layout.tlb.translations),
  });
  const ofWalks = (label: string, hits: (layout: LayoutResult) => number): Row => ({
    label,
    cell: (layout) => (hits(layout) === 0 ? NOTHING : formatShare(hits(layout), layout.tlb.walks)),
  });
  return {
    title: 'translation',
    rows: [
      count('references', (layout) => layout.references.total),
      count('  user', (layout) => layout.references.userVirtual),
      count('  kernel logical', (layout) => layout.references.kernelLogical),
      count('  kernel virtual', (layout) => layout.references.kernelVirtual),
      count('  failed', (layout) => layout.references.failed),
      share('L1 TLB hits', ({ tlb }) => tlb.l1Hits),
      share('L2 TLB hits', ({ tlb }) => tlb.l2Hits),
      share('walks', ({ tlb }) => tlb.walks),
      {
        label: 'entries read by a walk',
        cell: ({ tlb }) => (tlb.walks === 0 ? NOTHING : (tlb.walkReferences / tlb.walks).toFixed(2)),
      },
      ofWalks('  PDE cache hits', ({ tlb }) => tlb.walkCacheHits),
      ofWalks('  PDPTE cache hits', ({ tlb }) => tlb.pdpteCacheHits),
      ofWalks('  PML4E cache hits', ({ tlb }) => tlb.pml4eCacheHits),
      ofWalks('  PML5E cache hits', ({ tlb }) => tlb.pml5eCacheHits),
      count('TLB flushes', ({ tlb }) => tlb.flushes),
      count('KPTI switches', ({ tlb }) => tlb.kptiSwitches),
    ],
  };
}

function time(): Group {
  return {
    title: 'time',
    rows: [
      { label: 'simulated', cell: (layout) => formatNs(layout.simulatedNs) },
      { label: 'replayed at', cell: (layout) => `${(layout.eventsPerSecond / 1e6).toFixed(1)} M events/s` },
      { label: 'outcome digest', cell: (layout) => layout.digest },
    ],
  };
}
