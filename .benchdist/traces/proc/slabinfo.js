/**
 * /proc/slabinfo, version 2.1: the slab caches (cache_show and print_slabinfo_header of mm/slab_common.c). With
 * SLUB, objects on per-cpu slabs count as active, and caches of one geometry may be one line.
 */
import { columns, ProcText } from './text.js';
const LINE = /^(\S+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) : tunables +\d+ +\d+ +\d+ : slabdata +(\d+) +(\d+) +\d+$/;
const TITLE = 'slabinfo - version: 2.1';
const HEADER = '# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>' +
    ' : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>';
export function parseSlabinfo(text, place) {
    const lines = new ProcText(text, '/proc/slabinfo', place);
    lines.expect(new RegExp(`^${TITLE}$`), `'${TITLE}'`);
    lines.expect(new RegExp(`^${HEADER}$`), `'${HEADER}'`);
    return lines.untilEnd(() => {
        const [, name, ...cells] = lines.expect(LINE, "'kmalloc-64   192  192  64  64  1 : tunables 0 0 0 : slabdata 3 3 0'");
        const [activeObjects, objects, objectBytes, objectsPerSlab, pagesPerSlab, activeSlabs, slabs] = cells.map(Number);
        return {
            name: name,
            activeObjects,
            objects,
            objectBytes,
            objectsPerSlab,
            pagesPerSlab,
            activeSlabs,
            slabs,
        };
    });
}
export function formatSlabinfo(caches) {
    return `${TITLE}\n${HEADER}\n${caches.map((cache) => `${cacheLine(cache)}\n`).join('')}`;
}
/** SLUB has nothing to tune and shares nothing between cpus. */
function cacheLine(cache) {
    const { name, activeObjects, objects, objectBytes, objectsPerSlab, pagesPerSlab, activeSlabs, slabs } = cache;
    const counts = columns([activeObjects, objects, objectBytes], 6) + columns([objectsPerSlab, pagesPerSlab], 4);
    return `${name.padEnd(17)} ${counts}: tunables ${columns([0, 0, 0], 4)}: slabdata ${columns([activeSlabs, slabs, 0], 6).trimEnd()}`;
}
//# sourceMappingURL=slabinfo.js.map