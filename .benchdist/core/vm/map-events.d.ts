import type { Handler } from '../fold-event.ts';
import type { Draft } from '../state/draft.ts';
export declare const mmap: Handler;
export declare const munmap: Handler;
export declare const brk: Handler;
/** Pages of an object in which bytes [offset, offset + length) lie; length 0 means without an end. */
export declare function pageRange(draft: Draft, offsetBytes: number, lengthBytes: number): {
    start: number;
    end: number;
};
export declare function pagesOf(draft: Draft, bytes: number): number;
