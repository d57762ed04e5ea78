/** What `pmap -x PID` of procps prints: a line for each mapping, with what of it is in memory. */
import { type ProcPlace } from './text.ts';
export interface PmapMapping {
    readonly start: bigint;
    readonly kb: number;
    readonly rssKb: number;
    readonly dirtyKb: number;
    /** `r-x--`: as maps has it, `s` when stores are shared. */
    readonly mode: string;
    /** Name of the file without its folder, or `  [ anon ]`, `  [ stack ]`. */
    readonly mapping: string;
}
export interface Pmap {
    readonly pid: number;
    readonly command: string;
    readonly mappings: readonly PmapMapping[];
}
export declare function parsePmap(text: string, place?: ProcPlace): Pmap;
export declare function formatPmap({ pid, command, mappings }: Pmap, wordBytes: number): string;
