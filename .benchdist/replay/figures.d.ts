import type { ZoneName } from '../core/layout/layout.ts';
import type { Machine } from '../core/state/machine.ts';
export interface MemoryTotals {
    /** What the buddy allocator was given at boot. */
    readonly totalBytes: number;
    readonly freeBytes: number;
}
export interface ZoneFigures extends MemoryTotals {
    readonly name: ZoneName;
    /** Watermarks. */
    readonly minBytes: number;
    readonly lowBytes: number;
    readonly highBytes: number;
    /** 0 when nothing is free. */
    readonly largestBlockBytes: number;
}
export interface MemoryFigures {
    /** Memory with a kernel logical address: all zones but HighMem. */
    readonly low: MemoryTotals;
    readonly high: MemoryTotals;
    readonly zones: readonly ZoneFigures[];
}
export interface VmallocFigures {
    readonly totalBytes: number;
    /** Areas of vmalloc and ioremap, with their guard pages. */
    readonly usedBytes: number;
    /** Most bytes that vmalloc alone ever had, without guard pages. */
    readonly peakBytes: number;
    readonly largestHoleBytes: number;
}
export interface KmapFigures {
    /** LAST_PKMAP; 0 when the layout has no high memory window. */
    readonly slots: number;
    readonly used: number;
    readonly peak: number;
}
export declare function pageBytesOf(machine: Machine): number;
export declare function memoryOf(machine: Machine): MemoryFigures;
export declare function vmallocOf(machine: Machine): VmallocFigures;
export declare function kmapOf(machine: Machine): KmapFigures;
/** The clock of every cpu, up to the last that did something. */
export declare function clocksOf(machine: Machine): number[];
