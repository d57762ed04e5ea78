/**
 * Several /proc files in one: `=== LABEL` opens a moment, `--- NAME` a file of it; or `### BEGIN NAME` ... `### END`
 * around each file.
 */
import type { ProcPlace } from './text.ts';
export interface ProcSection {
    /** The moment, undefined when the text has none. */
    readonly label: string | undefined;
    /** As written: `zoneinfo`, `zoneinfo_end`. */
    readonly name: string;
    readonly text: string;
    /** For the messages of a parser. */
    readonly place: Required<ProcPlace>;
}
export declare function procSections(text: string, file: string): ProcSection[];
