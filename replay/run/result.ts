/** What a replay has found, as plain data: the JSON of `replay` and `diff` is this, and the text is made from it. */

import type { KindName } from '../../core/event/kinds.ts';
import { uncheckedText } from '../../core/kernel/linux.ts';
import { unusedRam } from '../../core/layout/ram.ts';
import { type CounterName, countersOf } from '../../core/outcome/counters.ts';
import { ADDRESSES, FAULT_FIGURES, type FaultKey } from '../../core/outcome/outcome.ts';
import type { DifferencesResult } from '../diff/lockstep.ts';
import {
  clocksOf,
  type KmapFigures,
  kmapOf,
  latestNs,
  type MemoryFigures,
  memoryOf,
  pageBytesOf,
  type VmallocFigures,
  vmallocOf,
} from '../figures/figures.ts';
import { type TlbFigures, tlbFigures } from '../figures/tlb-figures.ts';
import type { FirstFailure, Lane } from '../lane/lane.ts';
import {
  addressTypeCounts,
  countsByKind,
  kindsByUse,
  type RefusedRequests,
  refusedRequests,
  type StatusCounts,
  type Tally,
} from '../lane/tally.ts';

type KindCounts = { readonly [K in KindName]?: Readonly<StatusCounts> };

/** What a replay found of one lane, as plain data. */
export interface LayoutResult {
  readonly name: string;
  /** The layout's own line for people. */
  readonly title: string;
  /** `as Linux 5.15, unchecked`: only of kernels that were not compared with booted ones. */
  readonly kernelNote?: string;
  readonly ramBytes: number;
  /** RAM that the layout cannot use, in bytes, and why; null when it uses all. */
  readonly unusedRam: { readonly bytes: number; readonly reason: string } | null;
  /** Size of a word, and by what sizes of kernel objects were multiplied for it; 1: they are as recorded. */
  readonly wordBits: number;
  readonly objectScale: number;
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
  /** Requests that failed where they were recorded: those that succeed here, and those that fail here too. */
  readonly recordedAsFailed: RefusedRequests;
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
  /** Free low memory at its least; pages on per-cpu lists are not free. */
  readonly lowFreeLowestBytes: number;
  readonly tlb: TlbFigures;
  readonly faults: FaultCounts;
  readonly counters: Readonly<Record<CounterName, number>>;
}

/** All types but that of nothing. */
type AddressTypeCounts = Readonly<Record<Exclude<(typeof ADDRESSES)[number]['key'], 'none'>, number>>;

export interface ReferenceCounts {
  readonly total: number;
  readonly userVirtual: number;
  readonly kernelLogical: number;
  readonly kernelVirtual: number;
  /** Those that failed and so used none. */
  readonly failed: number;
}

type FaultCounts = Readonly<Record<FaultKey, number>>;

/** What a replay found, as plain data. */
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

/** What a lane has to tell, at the end or in between; `eventsPerSecond`: how fast it was folded, by the wall clock. */
export function layoutResult(lane: Lane, eventsPerSecond = 0): LayoutResult {
  const { machine, layout, tally } = lane;
  const counters = countersOf(machine.counters);
  const pageBytes = pageBytesOf(machine);
  const references = referenceCounts(counters, tally.failedReferences);
  const { allocating, others } = kindsByUse();
  const kernelNote = uncheckedText(layout.kernel);
  return {
    name: lane.name,
    title: layout.title,
    ...(kernelNote !== undefined && { kernelNote }),
    ramBytes: Number(layout.ramBytes),
    unusedRam: unusedRamOf(lane),
    wordBits: layout.arch.wordBits,
    objectScale: lane.scale?.ratio ?? 1,
    digest: lane.digest.toString(),
    events: lane.events,
    eventsPerSecond,
    simulatedNs: latestNs(machine),
    cpuNs: clocksOf(machine),
    allocations: countsByKind(tally, allocating),
    failures: counters.failures,
    otherFailures: failuresOnly(countsByKind(tally, others)),
    recordedAsFailed: refusedRequests(tally),
    firstFailures: lane.firstFailures,
    addressTypes: addressTypesOf(tally),
    references,
    memory: memoryOf(machine),
    vmalloc: vmallocOf(machine),
    kmap: kmapOf(machine),
    pageTableBytes: counters.pageTablePages * pageBytes,
    pageTableBytesPeak: counters.pageTablePagesPeak * pageBytes,
    lowFreeLowestBytes: counters.lowFreeLowest * pageBytes,
    tlb: tlbFigures(machine, references.total - references.failed),
    faults: faultCounts(counters),
    counters,
  };
}

function unusedRamOf({ layout }: Lane): LayoutResult['unusedRam'] {
  const unused = unusedRam(layout);
  return unused === undefined ? null : { bytes: unused.bytes, reason: unused.reason };
}

function failuresOnly(table: KindCounts): KindCounts {
  const entries = Object.entries(table).map(([kind, { ok: _, ...failures }]) => [kind, failures] as const);
  return Object.fromEntries(entries.filter(([, failures]) => Object.keys(failures).length > 0));
}

function addressTypesOf(tally: Tally): AddressTypeCounts {
  const types = addressTypeCounts(tally);
  const given = ADDRESSES.filter(({ name }) => name !== 'none');
  return Object.fromEntries(given.map(({ key, name }) => [key, types[name]])) as AddressTypeCounts;
}

type Counters = Readonly<Record<CounterName, number>>;

function referenceCounts(counters: Counters, failed: number): ReferenceCounts {
  const { references: total, kernelLogicalReferences, kernelVirtualReferences } = counters;
  return {
    total,
    userVirtual: total - failed - kernelLogicalReferences - kernelVirtualReferences,
    kernelLogical: kernelLogicalReferences,
    kernelVirtual: kernelVirtualReferences,
    failed,
  };
}

function faultCounts(counters: Counters): FaultCounts {
  return Object.fromEntries(FAULT_FIGURES.map(({ key, counter }) => [key, counters[counter]])) as FaultCounts;
}
