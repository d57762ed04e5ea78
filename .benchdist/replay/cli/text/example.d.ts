/** A worked example as it was played: what each scene says, its events, and what became of them. */
import type { Layout } from '../../../core/index.ts';
import type { Example } from '../../../workloads/index.ts';
import { type LaneOutcome } from '../../index.ts';
import type { Terminal } from '../terminal.ts';
export interface PlayedEvent {
    readonly event: string;
    readonly story: string;
    readonly outcome: LaneOutcome;
    /** Whether it came out as on the machine that the example is meant for. */
    readonly expected: boolean;
}
export interface PlayedScene {
    readonly says: string;
    /** The status of all its events on the machine that the example is meant for. */
    readonly becomes: string;
    readonly events: readonly PlayedEvent[];
}
type Paint = Pick<Terminal, 'colors'>;
export declare function exampleText({ name, title, doc, source }: Example, layout: Layout, scenes: readonly PlayedScene[], paint: Paint): string;
export {};
