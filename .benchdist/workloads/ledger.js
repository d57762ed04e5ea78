/**
 * What is alive: which object numbers stand for what, so that they can be given out again, and so that a
 * workload can be asked to free everything.
 */
import { IdPool } from './ids.js';
/** Pages of the largest block that alloc_pages gives (MAX_ORDER 11 in Linux 6.1: order 10). */
const MAX_PAGES = 1024;
export class Ledger {
    objects = new IdPool();
    /** By object: the kind of event that frees it; 0 = mapped by processes, or not alive. */
    freedBy = [];
    /** By object: processes that map it. */
    mappers = [];
    kmapped = new Set();
    /** A number for a kernel object that an event of kind `freedBy` will free. */
    addKernelObject(freedBy) {
        const object = this.objects.take();
        this.freedBy[object] = freedBy;
        return object;
    }
    removeKernelObject(object) {
        this.freedBy[object] = 0;
        this.objects.give(object);
    }
    /** A number for an object that one process maps. */
    addMapped() {
        const object = this.objects.take();
        this.freedBy[object] = 0;
        this.mappers[object] = 1;
        return object;
    }
    /** A fork: one process more maps it. */
    share(object) {
        this.mappers[object]++;
    }
    unmap(object) {
        if (--this.mappers[object] === 0)
            this.objects.give(object);
    }
    addKmap(object, page) {
        this.kmapped.add(object * MAX_PAGES + page);
    }
    removeKmap(object, page) {
        this.kmapped.delete(object * MAX_PAGES + page);
    }
    kmappedPages() {
        return [...this.kmapped].map((key) => ({ object: Math.floor(key / MAX_PAGES), page: key % MAX_PAGES }));
    }
    /** Live kernel objects with the kind of event that frees each; kmapped ones must be unmapped first. */
    *kernelObjects() {
        for (let object = 1; object < this.freedBy.length; object++) {
            const freedBy = this.freedBy[object];
            if (freedBy !== 0)
                yield { object, freedBy };
        }
    }
}
//# sourceMappingURL=ledger.js.map