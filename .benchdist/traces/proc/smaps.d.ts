/** /proc/PID/smaps: what of each mapping is in memory, and with whom it is shared (show_smap of fs/proc/task_mmu.c). */
import { type MapsLine } from './maps.ts';
import { type ProcPlace } from './text.ts';
export interface SmapsMapping extends MapsLine {
    /** `Rss`, `Pss`, ... in KiB, in the order of the file. */
    readonly kb: Readonly<Record<string, number>>;
    /** `THPeligible`, `ProtectionKey`. */
    readonly numbers: Readonly<Record<string, number>>;
    /** Two letters each: rd wr ex sh mr mw me ... */
    readonly vmFlags: readonly string[];
}
export declare function parseSmaps(text: string, place?: ProcPlace): SmapsMapping[];
export declare function formatSmaps(mappings: readonly SmapsMapping[], wordBytes: number): string;
