/**
 * A layout's figures under the names that a kernel probe uses for them, in camelCase, for programs.
 *
 * Addresses are 0x strings; PFNs, sizes and counts are numbers; what a kernel does not have is null. On 64 bits
 * the kernel's VMALLOC_END is the last byte of the area, not the first one above it.
 */
import type { Layout } from './layout.ts';
export interface OracleFigures {
    readonly name: string;
    readonly family: Layout['family'];
    readonly ramBytes: number;
    readonly pageOffset: string;
    readonly vmallocStart: string;
    readonly vmallocEnd: string;
    readonly pkmapBase: string | null;
    readonly lastPkmap: number | null;
    readonly fixaddrStart: string;
    readonly fixaddrTop: string;
    readonly highMemory: string;
    readonly maxLowPfn: number;
    readonly maxPfn: number;
    readonly highstartPfn: number | null;
    readonly taskSize: string;
    readonly modulesVaddr: string;
    readonly modulesEnd: string;
    readonly cpuEntryAreaBase: string | null;
    readonly ldtBaseAddr: string | null;
    readonly zones: readonly {
        name: string;
        startPfn: number;
        spanned: number;
        present: number;
    }[];
}
export declare function oracleFigures(layout: Layout): OracleFigures;
/** A 32-bit kernel without high memory has no kmap area, but its headers still define where it would be. */
export declare function pkmapMacros(layout: Layout): Layout['pkmap'];
