/** What the demonstration found: the layouts side by side, and what differs and why. */
import { type ReplayResult } from '../../index.ts';
import type { Terminal } from '../terminal.ts';
import type { Written } from '../trace-output.ts';
/** A scene that was played. */
export interface Played {
    readonly name: string;
    readonly question: string;
    readonly written: Written;
    readonly result: ReplayResult;
    /** The command that compares the trace again. */
    readonly reproduce: string;
}
type Paint = Pick<Terminal, 'colors'>;
export declare function demoText(played: readonly Played[], paint: Paint): string;
export {};
