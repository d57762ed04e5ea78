import { type LineCursor } from './cursor.ts';
import type { KernelRecordKind, RecordSlot } from './record.ts';
export interface Tracepoint {
    readonly kind: KernelRecordKind;
    readonly name: string;
    /** Reads the fields, the cursor being at the first, into the record; leaves it at what is not read. */
    readonly read: (cursor: LineCursor, record: RecordSlot) => void;
}
export declare function tracepointOf(name: string): Tracepoint;
/** Moves past the end of the line: further fields may follow, other text must not. */
export declare function finishLine(cursor: LineCursor): void;
