/** /proc/iomem: who owns which physical addresses (r_show of kernel/resource.c). */
import { type ProcPlace } from './text.ts';
export interface IomemResource {
    /** Physical addresses [start, end). The file names the last byte. */
    readonly start: bigint;
    readonly end: bigint;
    readonly name: string;
    /** 0 for resources of the machine, 1 for those inside one of them, ... */
    readonly depth: number;
}
/** In the order of the file: a resource comes before those inside it. */
export declare function parseIomem(text: string, place?: ProcPlace): IomemResource[];
/** Addresses have at least eight digits. */
export declare function formatIomem(resources: readonly IomemResource[]): string;
