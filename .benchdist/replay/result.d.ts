/** What a replay has found, as plain data: the JSON of `replay` and `diff` is this, and the text is made from it. */
import { type CounterName } from '../core/counters.ts';
import { type KindName } from '../core/event/kinds.ts';
import type { FirstFailure, Lane } from './engine.ts';
import { type KmapFigures, type MemoryFigures, type VmallocFigures } from './figures.ts';
import type { DifferencesResult } from './lockstep.ts';
import { type StatusCounts } from './tally.ts';
export type KindCounts = {
    readonly [K in KindName]?: Readonly<StatusCounts>;
};
export interface LayoutResult {
    readonly name: string;
    /** The layout's own line for people. */
    readonly title: string;
    readonly ramBytes: number;
    /** Fingerprint of all outcomes: equal for equal trace, layout and options, anywhere. */
    readonly digest: string;
    readonly events: number;
    /** Speed of this replay, wall time. */
    readonly eventsPerSecond: number;
    /** The latest of the simulated cpus' clocks, and each of them. */
    readonly simulatedNs: number;
    readonly cpuNs: readonly number[];
    /** What was asked for, by kind of event and status. */
    readonly allocations: KindCounts;
    /** Events that failed: in all, and of the other kinds than allocations. */
    readonly failures: number;
    readonly otherFailures: KindCounts;
    /** The first of each kind and status, in order. */
    readonly firstFailures: readonly FirstFailure[];
    /** Allocations and mappings, by the type of address they gave. */
    readonly addressTypes: AddressTypeCounts;
    /** Memory references, by the type of address they used. */
    readonly references: ReferenceCounts;
    readonly memory: MemoryFigures;
    readonly vmalloc: VmallocFigures;
    readonly kmap: KmapFigures;
    readonly pageTableBytes: number;
    readonly pageTableBytesPeak: number;
    readonly tlb: TlbFigures;
    readonly faults: FaultCounts;
    readonly counters: Readonly<Record<CounterName, number>>;
}
export interface AddressTypeCounts {
    readonly userVirtual: number;
    readonly kernelLogical: number;
    readonly kernelVirtual: number;
    readonly physical: number;
}
export interface ReferenceCounts {
    readonly total: number;
    readonly userVirtual: number;
    readonly kernelLogical: number;
    readonly kernelVirtual: number;
    /** Those that failed and so used none. */
    readonly failed: number;
}
export interface TlbFigures {
    readonly translations: number;
    readonly l1Hits: number;
    readonly l2Hits: number;
    readonly walks: number;
    readonly walkReferences: number;
    readonly walkCacheHits: number;
}
export interface FaultCounts {
    readonly demandZero: number;
    readonly zeroPage: number;
    readonly copyOnWrite: number;
    readonly fileMinor: number;
    readonly fileMajor: number;
}
export interface ReplayResult {
    /** Events replayed. */
    readonly events: number;
    /** False when it was broken off. */
    readonly complete: boolean;
    /** Wall time of everything, reading included. */
    readonly elapsedMs: number;
    readonly layouts: readonly LayoutResult[];
    /** With two layouts or more. */
    readonly differences?: DifferencesResult;
}
export declare function layoutResult(lane: Lane): LayoutResult;
