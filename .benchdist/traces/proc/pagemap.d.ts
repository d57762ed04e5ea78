/**
 * /proc/PID/pagemap as text, with what /proc/kpageflags and /proc/kpagecount tell of each frame: a heading for each
 * mapping, and a line for each of its pages that is in memory or swapped out.
 */
import { type MapsLine } from './maps.ts';
import { type ProcPlace } from './text.ts';
export interface PagemapPage {
    readonly address: bigint;
    /** Of a page cache page or shared memory. */
    readonly file: boolean;
    /** No other page-table entry maps the frame. */
    readonly exclusive: boolean;
    readonly softDirty: boolean;
    /** Undefined when the page is swapped out. */
    readonly frame?: {
        readonly pfn: number;
        readonly kpageflags: bigint;
        readonly mapcount: number;
    };
    /** Offset in the swap area. */
    readonly swap?: number;
}
export interface PagemapMapping extends MapsLine {
    readonly pages: readonly PagemapPage[];
}
export declare function parsePagemap(text: string, place?: ProcPlace): PagemapMapping[];
export declare function formatPagemap(mappings: readonly PagemapMapping[], wordBytes: number): string;
