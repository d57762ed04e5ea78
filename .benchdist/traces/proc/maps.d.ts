/** /proc/PID/maps: the mappings of a process, a line each (show_map_vma of fs/proc/task_mmu.c). */
import { type ProcPlace, ProcText } from './text.ts';
export interface MapsLine {
    /** Virtual addresses [start, end). */
    readonly start: bigint;
    readonly end: bigint;
    /** `r-xp`: what is allowed, and whether stores are shared (s) or private (p). */
    readonly permissions: string;
    /** Of the file behind it, at `start`. */
    readonly offsetBytes: bigint;
    /** `fe:00`: device and inode of that file; 00:00 and 0 when there is none. */
    readonly device: string;
    readonly inode: number;
    /** Path, or [heap], [stack], [vdso]; empty for anonymous memory. */
    readonly name: string;
}
/** An empty file is an empty address space. */
export declare function parseMaps(text: string, place?: ProcPlace): MapsLine[];
/** The line here, if it is one of maps; for texts in which such lines are headings. */
export declare function acceptMapsLine(lines: ProcText, prefix?: string): MapsLine | undefined;
export declare function expectMapsLine(lines: ProcText, prefix?: string): MapsLine;
export declare function formatMaps(lines: readonly MapsLine[], wordBytes: number): string;
/** Names begin in a column that depends on the size of a pointer (seq_setwidth, show_vma_header_prefix). */
export declare function formatMapsLine(line: MapsLine, wordBytes: number): string;
