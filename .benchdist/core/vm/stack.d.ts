/**
 * Stacks: VMAs that grow downwards when what lies below them is touched (expand_stack, acct_stack_growth of
 * mm/mmap.c, v6.1), within RLIMIT_STACK, and not nearer to the mapping below than the guard gap.
 */
import type { Draft } from '../state/draft.ts';
import { type Vma } from './vma.ts';
/** Pages that a new stack has: one with the arguments, and 128 KiB below it. */
export declare function firstStackPages(draft: Draft): number;
/** The VMA that contains a page, also if a stack has to grow for that; undefined when there is none. */
export declare function vmaTouched(draft: Draft, mmId: number, vpn: number): Vma | undefined;
/** The VMA that contains a page, or the stack above it that may grow to do so. */
export declare function vmaWithin(draft: Draft, vmas: readonly Vma[], vpn: number): Vma | undefined;
