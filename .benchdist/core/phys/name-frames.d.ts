/** Rows of `objects` for memory that is physically contiguous: at __va of its frames, or nowhere if they are high. */
import type { FoldResult } from '../fold-event.ts';
import type { SlabObject } from '../slab/slab.ts';
import type { Draft } from '../state/draft.ts';
/**
 * Notes where a physically contiguous object lies: at __va of its frame, or nowhere if that is high memory. Its row is
 * all zeros before, so that it starts with its first page.
 */
export declare function nameFrames(draft: Draft, object: number, cls: number, pfn: number, sizeBytes: number, result: FoldResult): void;
/** Notes where an object of a slab lies. */
export declare function nameSlabObject(draft: Draft, object: number, cls: number, cache: number, { slab, index }: SlabObject, usableBytes: number, result: FoldResult): void;
export declare function pageBytes(draft: Draft): number;
