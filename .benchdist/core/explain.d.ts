import { type Answer } from './explain-answers.ts';
import { type FrameFacts } from './explain-frame.ts';
import { type AddressType, type Use } from './explain-uses.ts';
import { type WalkStep } from './explain-walk.ts';
import type { Region } from './layout/layout.ts';
import type { Machine } from './state/machine.ts';
export type AddressSpaceName = 'virtual' | 'physical' | 'bus';
export interface ExplainOptions {
    /** Whose user space; by default that of the process on cpu 0, else of the only process. */
    readonly pid?: number | undefined;
}
/** What the macros __pa and __va compute, and whether the result means anything. */
export interface Conversion {
    readonly address: bigint;
    readonly legal: boolean;
    readonly reason: string;
}
/** The mapping that a user address lies in. */
export interface MappingFacts {
    readonly object: number;
    /** Of the address in the object. */
    readonly offset: bigint;
    readonly prot: number;
    readonly shared: boolean;
    /** 0: anonymous memory. */
    readonly file: number;
}
export interface Explanation {
    readonly layout: string;
    readonly space: AddressSpaceName;
    readonly address: bigint;
    readonly type: AddressType;
    readonly meaning: string;
    readonly region: Region | undefined;
    /** The process whose tables were read. */
    readonly pid: number | undefined;
    readonly mapping: MappingFacts | undefined;
    /** __pa of a virtual address. */
    readonly pa: Conversion | undefined;
    /** __va of the physical address. */
    readonly va: Conversion | undefined;
    readonly walk: readonly WalkStep[];
    /** Where it leads; undefined when nothing is mapped there, and then `unmapped` says why. */
    readonly physical: bigint | undefined;
    readonly unmapped: string | undefined;
    readonly frame: FrameFacts | undefined;
    readonly uses: readonly Use[];
    /** What the kernel's functions say of a kernel virtual address. */
    readonly answers: readonly Answer[];
}
/** Explains a virtual address (as a program or the kernel uses it), or a physical or bus address. */
export declare function explainAddress(machine: Machine, space: AddressSpaceName, address: bigint, options?: ExplainOptions): Explanation;
