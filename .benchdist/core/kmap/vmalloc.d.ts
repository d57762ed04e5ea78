import type { Handler } from '../fold-event.ts';
import type { Layout } from '../layout/layout.ts';
import type { Draft } from '../state/draft.ts';
export declare const vmalloc: Handler;
export declare const vfree: Handler;
/** No request can be for more (totalram_pages). */
export declare function ramPages({ platform }: Draft): number;
/** Pages of the array of pointers to an area's pages; 0 when kmalloc gives it. */
export declare function pageArrayPages({ wordBits, pageShift }: Layout, nrPages: number): number;
/** Areas of an object's page arrays, outermost first: first page and number of pages. */
export declare function pageArraysOf(objects: {
    get(row: number, field: number): number;
}, layout: Layout, object: number): {
    vpn: number;
    nrPages: number;
}[];
