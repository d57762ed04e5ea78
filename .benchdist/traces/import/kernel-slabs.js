/**
 * Slab objects of a kernel trace: pointers, hashed or not, become objects, and names of caches numbers. The
 * tracepoints do not tell all: objects may be freed in bulk or by RCU without a line, and those older than the trace
 * have no line that tells their size.
 */
import { EVENT_KINDS } from '../../core/event/kinds.js';
import { NumberMap } from './number-map.js';
const KMALLOC = EVENT_KINDS.kmalloc.code;
const KFREE = EVENT_KINDS.kfree.code;
const CREATE = EVENT_KINDS.kmem_cache_create.code;
const CACHE_ALLOC = EVENT_KINDS.kmem_cache_alloc.code;
const CACHE_FREE = EVENT_KINDS.kmem_cache_free.code;
/** Objects of any cache are aligned to words, of 32 bits or 64. */
const WORDS = [4, 8];
/** What a cache may ask for beyond that, likeliest first: a cache line or its half or quarter (SLAB_HWCACHE_ALIGN). */
const ALIGNMENTS = [64, 32, 16, 128, 256, 512, 1024, 2048, 4096];
export class SlabObjects {
    caches = [];
    events;
    numbers;
    /** Live objects by pointer. */
    live = new NumberMap();
    /** By object: the event that frees it. */
    freeKinds = [];
    cachesByName = new Map();
    constructor(events, numbers) {
        this.events = events;
        this.numbers = numbers;
    }
    kmalloc({ ptr, bytesReq, gfp }) {
        this.events.say(KMALLOC, this.newObject(ptr, KFREE), bytesReq, gfp);
    }
    cacheAlloc(record) {
        const object = this.newObject(record.ptr, CACHE_FREE);
        this.events.say(CACHE_ALLOC, object, this.cacheOf(record), record.gfp);
    }
    /** By kfree() or kmem_cache_free(): each may free objects of the other's. Says which it was. */
    free(ptr) {
        const object = this.live.get(ptr);
        if (object === 0)
            return undefined;
        const kind = this.freeKinds[object];
        this.events.say(kind, object);
        this.live.delete(ptr);
        this.numbers.release(object);
        return kind === KFREE ? 'kmalloc' : 'kmem_cache';
    }
    newObject(ptr, freeKind) {
        const before = this.live.get(ptr);
        if (before !== 0) {
            this.events.imply('slab object freed without a line (RCU, in bulk, or lost)', this.freeKinds[before], before);
            this.numbers.release(before);
        }
        const object = this.numbers.take();
        this.live.set(ptr, object);
        this.freeKinds[object] = freeKind;
        return object;
    }
    cacheOf(record) {
        const { cache: name, bytesAlloc } = record;
        let known = this.cachesByName.get(name);
        // two caches may share a name
        if (known?.bytesAlloc !== bytesAlloc)
            known = this.cachesByName.get(`${name} ${bytesAlloc}`);
        return (known ?? this.newCache(record)).cache;
    }
    newCache({ cache: name, bytesReq, bytesAlloc }) {
        const { size, align } = geometryOf(bytesReq, bytesAlloc);
        const known = { cache: this.caches.length + 1, bytesAlloc };
        this.cachesByName.set(this.cachesByName.has(name) ? `${name} ${bytesAlloc}` : name, known);
        this.caches.push({ cache: known.cache, name, size, align });
        this.events.imply('slab cache seen for the first time', CREATE, known.cache, size, align);
        return known;
    }
}
/** Size and alignment that make a cache whose objects of `bytesReq` bytes take `bytesAlloc`. */
export function geometryOf(bytesReq, bytesAlloc) {
    if (WORDS.some((align) => roundUp(bytesReq, align) === bytesAlloc))
        return { size: bytesReq, align: 0 };
    const align = ALIGNMENTS.find((align) => roundUp(bytesReq, align) === bytesAlloc);
    // otherwise there is something behind the object: a free pointer (SLAB_TYPESAFE_BY_RCU), red zones
    return align === undefined ? { size: bytesAlloc, align: 0 } : { size: bytesReq, align };
}
function roundUp(bytes, align) {
    return Math.ceil(bytes / align) * align;
}
//# sourceMappingURL=kernel-slabs.js.map