/** What a machine counts while it folds. All are totals since boot; part of the machine's state. */
export declare const COUNTER_NAMES: readonly ['events', 'failures', 'references', 'translations', 'l1Hits', 'l2Hits', 'walks', 'walkReferences', 'walkCacheHits', 'dirtyAssists', 'kernelLogicalReferences', 'kernelVirtualReferences', 'demandZeroFaults', 'zeroPageFaults', 'copyOnWriteFaults', 'fileMinorFaults', 'fileMajorFaults', 'forks', 'contextSwitches', 'tlbFlushes', 'shootdowns', 'pageTablePages', 'pageTablePagesPeak', 'vmallocPages', 'vmallocPagesPeak', 'kmapSlots', 'kmapSlotsPeak', 'pageCachePages', 'lowFreeLowest', 'buddySplits', 'buddyMerges', 'pcpRefills', 'pcpDrainedBlocks', 'migrateTypeFallbacks', 'slabPages'];
export type CounterName = (typeof COUNTER_NAMES)[number];
/** Counter name to its index in the machine's `counters`. */
export declare const COUNTER: { readonly [K in CounterName]: number; };
export declare function countersOf(counters: Float64Array): {
    [K in CounterName]: number;
};
