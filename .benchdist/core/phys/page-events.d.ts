/** alloc_pages and __free_pages: blocks of page frames, which have a kernel logical address if they are low memory. */
import type { Handler } from '../fold-event.ts';
export declare const pageAlloc: Handler;
export declare const pageFree: Handler;
