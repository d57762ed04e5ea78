/** What a replay has found, as plain data: the JSON of `replay` and `diff` is this, and the text is made from it. */
import { countersOf } from '../core/counters.js';
import { EVENT_KINDS } from '../core/event/kinds.js';
import { clocksOf, kmapOf, memoryOf, pageBytesOf, vmallocOf, } from './figures.js';
import { ALLOCATING_KINDS } from './tally.js';
const OTHER_KINDS = Object.keys(EVENT_KINDS).filter((kind) => !ALLOCATING_KINDS.includes(kind));
export function layoutResult(lane) {
    const { machine, layout, tally } = lane;
    const counters = countersOf(machine.counters);
    const pageBytes = pageBytesOf(machine);
    const cpuNs = clocksOf(machine);
    return {
        name: lane.name,
        title: layout.title,
        ramBytes: Number(layout.ramBytes),
        digest: lane.digest.toString(),
        events: lane.events,
        eventsPerSecond: lane.elapsedMs === 0 ? 0 : Math.round((1000 * lane.events) / lane.elapsedMs),
        simulatedNs: Math.max(0, ...cpuNs),
        cpuNs,
        allocations: tally.byKind(ALLOCATING_KINDS),
        failures: counters.failures,
        otherFailures: failuresOnly(tally.byKind(OTHER_KINDS)),
        firstFailures: lane.firstFailures,
        addressTypes: addressTypeCounts(lane),
        references: referenceCounts(counters, tally.failedReferences),
        memory: memoryOf(machine),
        vmalloc: vmallocOf(machine),
        kmap: kmapOf(machine),
        pageTableBytes: counters.pageTablePages * pageBytes,
        pageTableBytesPeak: counters.pageTablePagesPeak * pageBytes,
        tlb: tlbFigures(counters),
        faults: faultCounts(counters),
        counters,
    };
}
function failuresOnly(table) {
    const entries = Object.entries(table).map(([kind, { ok: _, ...failures }]) => [kind, failures]);
    return Object.fromEntries(entries.filter(([, failures]) => Object.keys(failures).length > 0));
}
function addressTypeCounts({ tally }) {
    const types = tally.addressTypes();
    return {
        userVirtual: types['user-virtual'],
        kernelLogical: types['kernel-logical'],
        kernelVirtual: types['kernel-virtual'],
        physical: types.physical,
    };
}
function referenceCounts(counters, failed) {
    const { references: total, kernelLogicalReferences, kernelVirtualReferences } = counters;
    return {
        total,
        userVirtual: total - failed - kernelLogicalReferences - kernelVirtualReferences,
        kernelLogical: kernelLogicalReferences,
        kernelVirtual: kernelVirtualReferences,
        failed,
    };
}
function tlbFigures(counters) {
    const { translations, l1Hits, l2Hits, walks, walkReferences, walkCacheHits } = counters;
    return { translations, l1Hits, l2Hits, walks, walkReferences, walkCacheHits };
}
function faultCounts(counters) {
    return {
        demandZero: counters.demandZeroFaults,
        zeroPage: counters.zeroPageFaults,
        copyOnWrite: counters.copyOnWriteFaults,
        fileMinor: counters.fileMinorFaults,
        fileMajor: counters.fileMajorFaults,
    };
}
//# sourceMappingURL=result.js.map