import type { FrameFacts } from './explain-frame.ts';
import type { Region } from './layout/layout.ts';
import type { Vma } from './vm/vma.ts';
export type AddressType = 'user-virtual' | 'kernel-logical' | 'kernel-virtual' | 'physical' | 'bus' | 'none';
export type UseName = 'contiguous' | 'dma' | 'swappable' | 'user mode' | 'kernel mode';
export interface Use {
    readonly name: UseName;
    readonly possible: boolean;
    readonly reason: string;
}
/** What the answers depend on. */
export interface UseQuestion {
    readonly type: AddressType;
    readonly region: Region | undefined;
    readonly frame: FrameFacts;
    readonly vma: Vma | undefined;
}
export declare function usesOf(question: UseQuestion): Use[];
