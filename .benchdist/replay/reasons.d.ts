import type { MemoryEvent } from '../core/event/kinds.ts';
import type { StatusName } from '../core/outcome.ts';
import type { Machine } from '../core/state/machine.ts';
/** An earlier event that a failure follows from. */
export interface Origin {
    readonly event: number;
    readonly kind: string;
}
/** The figures behind a failure; the empty string when the status says it all. */
export declare function figuresBehind(machine: Machine, event: MemoryEvent, status: StatusName, origin?: Origin): string;
/** Address of a byte of a virtual page, as people write it. */
export declare function addressText({ platform: { layout } }: Machine, vpn: number, offset?: number): string;
