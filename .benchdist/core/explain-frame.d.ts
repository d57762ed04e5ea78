/** What is known of a page frame: its zone, the block it belongs to, who owns that, and in which memory it lies. */
import type { Layout } from './layout/layout.ts';
import type { Machine } from './state/machine.ts';
export interface FrameFacts {
    readonly pfn: number;
    /** `device`: no RAM, or none that this kernel uses. */
    readonly memory: 'low' | 'high' | 'device';
    readonly zone: string | undefined;
    /** What the block is used for (USE_NAMES), and a few words on whose it is. */
    readonly use: string;
    readonly owner: string;
    /** The block of 2^order frames that the frame is part of. */
    readonly blockPfn: number;
    readonly order: number;
    readonly references: number;
}
export declare function explainFrame(machine: Machine, pfn: number): FrameFacts;
/** Whether a frame has no kernel logical address. */
export declare function isHigh({ highstartPfn }: Layout, pfn: number): boolean;
