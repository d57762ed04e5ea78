/** What a machine counts while it folds. All are totals since boot; part of the machine's state. */
export const COUNTER_NAMES = [
    'events',
    'failures',
    'references', // access events
    'translations', // pages translated: a reference that crosses a page counts twice
    'l1Hits',
    'l2Hits',
    'walks',
    'walkReferences', // page-table entries read by walks
    'walkCacheHits', // walks that needed the last level only
    'dirtyAssists', // walks only to set the dirty bit
    'kernelLogicalReferences',
    'kernelVirtualReferences',
    'demandZeroFaults',
    'zeroPageFaults',
    'copyOnWriteFaults',
    'fileMinorFaults',
    'fileMajorFaults',
    'forks',
    'contextSwitches',
    'tlbFlushes',
    'shootdowns',
    'pageTablePages', // live now
    'pageTablePagesPeak',
    'vmallocPages', // live now, without guard pages
    'vmallocPagesPeak',
    'kmapSlots', // in use now
    'kmapSlotsPeak',
    'pageCachePages', // live now
    'lowFreeLowest', // fewest free pages of low memory seen at the end of an allocation
    'buddySplits',
    'buddyMerges',
    'pcpRefills', // per-cpu lists found empty
    'pcpDrainedBlocks', // blocks that per-cpu lists gave back
    'migrateTypeFallbacks', // blocks taken from the lists of another migrate type
    'slabPages', // live now
];
/** Counter name to its index in the machine's `counters`. */
export const COUNTER = Object.fromEntries(COUNTER_NAMES.map((name, i) => [name, i]));
export function countersOf(counters) {
    return Object.fromEntries(COUNTER_NAMES.map((name, i) => [name, counters[i]]));
}
//# sourceMappingURL=counters.js.map