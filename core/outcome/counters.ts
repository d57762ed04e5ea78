/** What a machine counts while it folds. All are totals since boot; part of the machine's state. */
import type { ReadonlyColumn } from '../base/columns.ts';

/** The counters of a machine, in its order. A name says its unit (`bouncedBytes`, `kswapdNs`), else it is a number. */
export const COUNTER_NAMES = [
  'events',
  'failures',
  'references', // access events
  'translations', // pages translated: a reference that crosses a page counts twice
  'l1Hits',
  'l2Hits',
  'walks',
  'walkReferences', // page-table entries read by walks
  'walkCacheHits', // walks that needed the last level only: the PDE cache knew the rest
  'pdpteCacheHits', // walks that began below what an upper walk cache knew
  'pml4eCacheHits',
  'pml5eCacheHits',
  'dirtyAssists', // walks only to set the dirty bit
  'kernelLogicalReferences',
  'kernelVirtualReferences',
  'demandZeroFaults',
  'zeroPageFaults',
  'copyOnWriteFaults',
  'fileMinorFaults',
  'fileMajorFaults',
  'vmallocFaults', // entries of the kernel's half that a fault brought into the tables of a process
  'forks',
  'contextSwitches',
  'kptiSwitches', // CR3 writes on the way into the kernel and out of it
  'tlbFlushes',
  'shootdowns',
  'pageTablePages', // live now
  'pageTablePagesPeak',
  'vmallocPages', // live now, without guard pages
  'vmallocPagesPeak',
  'kmapSlots', // in use now
  'kmapSlotsPeak',
  'pageCachePages', // live now
  'lowFreeLowest', // fewest free pages of low memory since boot; those on per-cpu lists are not free
  'buddySplits',
  'buddyMerges',
  'pcpRefills', // per-cpu lists found empty
  'pcpDrainedBlocks', // blocks that per-cpu lists gave back
  'migrateTypeFallbacks', // blocks taken from the lists of another migrate type
  'slabPages', // live now
  'bounceSlots', // in use now
  'bounceSlotsPeak',
  'bouncedBytes', // copied to and from bounce buffers
  'pgscanKswapd', // pages of inactive lists looked at, by kswapd and by who needed memory
  'pgscanDirect',
  'pgstealKswapd', // pages freed by them
  'pgstealDirect',
  'pgactivate',
  'pgdeactivate',
  'pswpin', // pages read from the swap area
  'pswpout', // pages written to it
  'fileWritebacks', // dirty pages of files written: before they were freed, or by posix_fadvise()
  'swapFaults',
  'kswapdRuns',
  'kswapdNs', // what they took: time of no cpu
  'directReclaims',
  'oomKills',
  'thpFaultAlloc', // huge pages that faults gave; the names are those of /proc/vmstat
  'thpFaultFallback', // faults for which there was no block
  'thpZeroPageAlloc',
  'thpSplitPmd', // entries of huge pages split into those of base pages
  'thpSplitPage', // huge pages split into base pages
  'fetchTranslations', // of instructions: a part of translations, as are the next two of l2Hits and walks
  'fetchL2Hits',
  'fetchWalks',
  'kernelTranslations', // of pages of the kernel, in the same way
  'kernelL2Hits',
  'kernelWalks',
  'kernelFetchTranslations', // of instructions in pages of the kernel: a part of both
  'kernelFetchL2Hits',
  'kernelFetchWalks',
  'walkReadsLevel1', // walkReferences by level: entries of last-level tables (PTEs)
  'walkReadsLevel2', // entries one level up (PDEs, PMDs), and so on
  'walkReadsLevel3',
  'walkReadsLevel4',
  'walkReadsLevel5',
  'thpDeferredSplitPage', // huge pages of which a base page went, so that they wait to be split
  'thpCollapseAlloc', // huge pages that khugepaged took, and those that it found none for
  'thpCollapseAllocFailed',
  'thpPagesCollapsed', // of those, such that became one (khugepaged/pages_collapsed)
  'thpScanExceedNonePte', // places where it let go: too many entries empty, in the swap area, or shared
  'thpScanExceedSwapPte',
  'thpScanExceedSharePte',
  'compactStall', // requests that compacted memory themselves, and what came of it
  'compactSuccess',
  'compactFail',
  'compactMigrateScanned', // pages that were looked at, to be moved or as places for them, and those taken
  'compactFreeScanned',
  'compactIsolated',
  'pgmigrateSuccess', // pages that compaction moved, and could not
  'pgmigrateFail',
] as const;

/** One of COUNTER_NAMES. */
export type CounterName = (typeof COUNTER_NAMES)[number];

/** Counter name to its index in the machine's `counters`. */
export const COUNTER = Object.fromEntries(COUNTER_NAMES.map((name, i) => [name, i])) as {
  readonly [K in CounterName]: number;
};

/** Counters `walkReadsLevel1` and on; the last one has whatever walks read above it too. */
export const NR_READ_LEVELS = COUNTER.walkReadsLevel5 - COUNTER.walkReadsLevel1 + 1;

/** The counters of a machine by name; totals since boot, times in nanoseconds. */
export function countersOf(counters: ReadonlyColumn<Float64Array>): { [K in CounterName]: number } {
  return Object.fromEntries(COUNTER_NAMES.map((name, i) => [name, counters[i]!])) as {
    [K in CounterName]: number;
  };
}
