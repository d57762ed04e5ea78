import type { Draft } from '../state/draft.ts';
import { type Vma } from './vma.ts';
/** Gives the pages of some parts another protection; flushes once, from the first entry that changed to the last. */
export declare function protectPages(draft: Draft, cpu: number, mmId: number, parts: readonly Vma[], prot: number): void;
