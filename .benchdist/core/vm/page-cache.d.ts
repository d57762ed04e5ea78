import type { Draft } from '../state/draft.ts';
import type { FileRecord } from '../state/machine.ts';
/** Slots that all files together may have: pages of cache, far beyond any RAM. */
export declare const PAGE_CACHE_SLOTS: number;
/** Makes a file known; its pages get slots. False when no slots are left. */
export declare function createFile(draft: Draft, id: number, lengthBytes: number, shmem: boolean): boolean;
/** PFN of a cached page, or -1. */
export declare function cachedPage(draft: Draft, file: FileRecord, page: number): number;
/** Brings a page into the cache: its PFN, or a negated reason. The cache holds one reference. */
export declare function fillPage(draft: Draft, file: FileRecord, page: number): number;
/** Drops the pages of a file that nobody maps. */
export declare function dropPages(draft: Draft, file: FileRecord): void;
/** Counts a mapping that came or went; shared anonymous memory ends with its last one. */
export declare function countMapping(draft: Draft, id: number, delta: number): void;
