import { VAR } from '../state/machine.js';
import { CACHE, liveObjects, SLAB, slabList } from './tables.js';
/** All caches in the order of /proc/slabinfo: the newest first. Caches that share slabs are one. */
export function slabCaches(machine) {
    const { slabCaches: caches, vars } = machine;
    const rows = Array.from({ length: vars[VAR.cacheRows] }, (_, row) => row);
    return rows
        .filter((row) => caches.get(row, CACHE.users) !== 0)
        .sort((a, b) => caches.get(b, CACHE.born) - caches.get(a, CACHE.born))
        .map((row) => infoOf(machine, row));
}
function infoOf(machine, row) {
    const field = (name) => machine.slabCaches.get(row, CACHE[name]);
    const free = slabList(machine, field('partial')).map((slab) => machine.slabs.get(slab, SLAB.objects) - machine.slabs.get(slab, SLAB.inUse));
    return {
        name: cacheName(machine, row),
        activeObjects: field('objects') - free.reduce((sum, objects) => sum + objects, 0),
        totalObjects: field('objects'),
        liveObjects: liveObjects(machine, row),
        sizeBytes: field('sizeBytes'),
        objectSizeBytes: field('objectSizeBytes'),
        objectsPerSlab: field('objectsPerSlab'),
        pagesPerSlab: 2 ** field('order'),
        activeSlabs: field('slabs'),
        totalSlabs: field('slabs'),
    };
}
/** kmalloc-64; or cache-7, by the number of the first cache that uses these slabs. */
export function cacheName({ platform, slabCaches: caches }, row) {
    return platform.kmallocCaches[row]?.name ?? `cache-${caches.get(row, CACHE.number) >>> 0}`;
}
//# sourceMappingURL=info.js.map