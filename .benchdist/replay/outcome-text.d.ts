/** One outcome for people: what an event gave, at which address, or why it failed. */
import type { MemoryEvent } from '../core/event/kinds.ts';
import type { Folded } from '../core/fold.ts';
import { ADDRESS_NAMES, FAULT_NAMES, type StatusName } from '../core/outcome.ts';
import type { Machine } from '../core/state/machine.ts';
export type AddressTypeName = (typeof ADDRESS_NAMES)[number];
export type FaultName = (typeof FAULT_NAMES)[number];
export interface LaneOutcome {
    readonly status: StatusName;
    readonly addressType: AddressTypeName;
    /** What the event gave, as hexadecimal text; absent when that has no address. */
    readonly address?: string;
    /** First page frame, and its zone, of what is physically contiguous. */
    readonly pfn?: number;
    readonly zone?: string;
    readonly fault: FaultName;
    /** Where the translation of an access was found. */
    readonly tlb: (typeof TLB_NAMES)[number];
    readonly latencyNs: number;
}
declare const TLB_NAMES: readonly ['l1', 'l2', 'walk'];
/** What became of one event: `before` is the machine, `folded` the fold of this event alone. */
export declare function describeOutcome(before: Machine, folded: Folded, event: MemoryEvent): {
    outcome: LaneOutcome;
    story: string;
};
export {};
