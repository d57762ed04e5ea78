import type { Machine } from './state/machine.ts';
export interface WalkStep {
    /** pgd, p4d, pud, pmd, pte. */
    readonly level: string;
    readonly index: number;
    /** Physical address of the entry. */
    readonly entryAddress: bigint;
    /** 0: nothing there. */
    readonly entry: bigint;
    readonly flags: readonly string[];
    /** The frame of the next table. */
    readonly tablePfn: number | undefined;
    /** What the entry maps, when it maps memory. */
    readonly page: {
        readonly pfn: number;
        readonly bytes: number;
    } | undefined;
}
/** The entries that a walk for page `vpn` reads, from the root to the page or to the first absent one. */
export declare function walkOf(machine: Machine, root: number, vpn: number): WalkStep[];
