import type { LineCursor } from './cursor.ts';
import type { RecordSlot } from './record.ts';
/** Fills the record if the line at the cursor is one of these, and moves to its end. */
export declare function readPlainLine(cursor: LineCursor, record: RecordSlot): boolean;
/** The line from the cursor on, without its end. */
export declare function lineAt({ bytes, at }: LineCursor): string;
