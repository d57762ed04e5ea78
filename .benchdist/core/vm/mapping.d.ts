import type { Draft, MmDraft } from '../state/draft.ts';
import type { Mm } from '../state/machine.ts';
import { type Vma } from './vma.ts';
/** Where page 0 of an object lies (or would lie) in an address space that maps it. */
export declare function objectBase(draft: Draft, mm: Mm, object: number): number;
/** A process maps an object (again, or one more process does). */
export declare function keepMapping(draft: Draft, vma: Vma): void;
/** A process no longer maps an object; the object ends with its last mapping. */
export declare function forgetMapping(draft: Draft, vma: Vma): void;
/** Unmaps everything (exit_mmap). The caller flushes. */
export declare function unmapAll(draft: Draft, mmId: number): void;
/** Unmaps parts of an object, as `partsOf` gives them. */
export declare function unmapParts(draft: Draft, cpu: number, mmId: number, parts: readonly Vma[]): void;
/** Unmaps [start, end) pages of an object wherever this process maps them. False when it maps none of them. */
export declare function unmapObject(draft: Draft, cpu: number, mmId: number, object: number, start: number, end: number): boolean;
/** Unmaps whatever lies in [start, end) of an address space, object by object (do_munmap by address). */
export declare function unmapRange(draft: Draft, cpu: number, mmId: number, start: number, end: number): void;
export declare const NOTHING_MOVED: Mm['moved'];
/** Notes where an object lies in this address space, if not where it was first put. */
export declare function setMoved(mm: MmDraft, object: number, base: number | undefined): void;
/** Clears the entries of [start, end), gives up their frames and the tables left empty. */
export declare function zapPages(draft: Draft, root: number, start: number, end: number): void;
