import { type Lost, type ReadOptions } from './contents.ts';
import type { Notes, ReferenceCounts, TraceHeader } from './format.ts';
import type { Source } from './source.ts';
export interface TraceInfo {
    readonly file: string;
    readonly header: TraceHeader;
    /** What the recorder noted at the end. */
    readonly notes: Notes;
    readonly events: number;
    readonly chunks: number;
    readonly kinds: Readonly<Record<string, number>>;
    readonly references: ReferenceCounts;
    readonly bytes: number;
    readonly bytesPerEvent: number;
    readonly complete: boolean;
    readonly lost?: Lost;
}
export interface InfoOptions extends ReadOptions {
    /** Check and decode every chunk instead of trusting the index. */
    readonly verify?: boolean;
}
/** Takes the counts from the index when it can, else from all events. The source stays open. */
export declare function traceInfo(source: Source, options?: InfoOptions): Promise<TraceInfo>;
