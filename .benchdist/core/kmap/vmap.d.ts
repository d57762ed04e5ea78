/**
 * vmap() and get_vm_area(): areas of the vmalloc window for pages that someone else owns, and for none at all
 * (mm/vmalloc.c, v6.1). The pages are not held: freeing them first leaves the mapping to whoever gets them next.
 */
import type { Handler } from '../fold-event.ts';
export declare const vmap: Handler;
export declare const vunmap: Handler;
export declare const vmArea: Handler;
export declare const freeVmArea: Handler;
