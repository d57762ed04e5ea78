/** /proc/slabinfo of a machine (cache_show of mm/slab_common.c, v6.1): the caches that the machine has. */
import { slabCaches } from '../../core/index.js';
import { formatSlabinfo } from '../../traces/index.js';
import { viewOf } from './view.js';
export const slabinfo = viewOf('slabinfo', 'slab caches: objects in use and in all, their size, slabs', (machine) => slabCaches(machine).map(figures), formatSlabinfo);
function figures(cache) {
    return {
        name: cache.name,
        activeObjects: cache.activeObjects,
        objects: cache.totalObjects,
        objectBytes: cache.sizeBytes,
        objectsPerSlab: cache.objectsPerSlab,
        pagesPerSlab: cache.pagesPerSlab,
        activeSlabs: cache.activeSlabs,
        slabs: cache.totalSlabs,
    };
}
//# sourceMappingURL=slabinfo.js.map