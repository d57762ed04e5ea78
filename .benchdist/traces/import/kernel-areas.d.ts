/** Areas of the vmalloc window of a kernel trace: addresses become objects. */
import type { EventStream } from './event-stream.ts';
import type { ObjectNumbers } from './object-numbers.ts';
interface AreaRecord {
    readonly vaStart: number;
    readonly size: number;
    readonly align: number;
}
export declare class AreaObjects {
    private readonly events;
    private readonly numbers;
    /** Live areas by address. */
    private readonly live;
    constructor(events: EventStream, numbers: ObjectNumbers);
    /** alloc_vmap_area() is asked for the area and its guard page, get_vm_area() for the area. */
    alloc({ vaStart, size, align }: AreaRecord): string | undefined;
    free(vaStart: number): string | undefined;
    private forget;
}
export {};
