/**
 * The areas of the vmalloc window as /proc/vmallocinfo lists them (s_show, mm/vmalloc.c, v6.1): what is in use,
 * ascending, then what was freed but not yet purged, ascending.
 */
import { pageAddress } from '../layout/regions.js';
import { IOREMAP, OBJECT, VM_AREA, VMALLOC, VMAP } from '../state/objects.js';
import { GUARD_PAGES } from './areas.js';
import { pageArraysOf } from './vmalloc.js';
const KINDS = new Map([
    [VMALLOC, 'vmalloc'],
    [IOREMAP, 'ioremap'],
    [VMAP, 'vmap'],
    [VM_AREA, 'vm_area'],
]);
export function vmallocAreas(machine) {
    const areas = [];
    machine.objects.forEachLeaf((leaf, firstRow) => {
        const { stride } = machine.objects.shape;
        for (let at = 0, object = firstRow; at < leaf.length; at += stride, object++) {
            const kind = KINDS.get(leaf[at + OBJECT.class]);
            if (kind !== undefined)
                areas.push(...areasOf(machine, kind, object));
        }
    });
    areas.sort((a, b) => (a.start < b.start ? -1 : 1));
    return [...areas, ...unpurged(machine)];
}
/** The area of an object, and those of the page arrays that vmalloc keeps beside it. */
function areasOf(machine, kind, object) {
    const { objects, platform } = machine;
    const { layout } = platform;
    const vpn = objects.get(object, OBJECT.vpn);
    const nrPages = objects.get(object, OBJECT.detail);
    const device = BigInt(objects.get(object, OBJECT.pfn)) << BigInt(layout.pageShift);
    const arrays = kind === 'vmalloc' ? pageArraysOf(objects, layout, object) : [];
    const own = {
        ...rangeOf(machine, vpn, vpn + nrPages + GUARD_PAGES),
        kind,
        nrPages: kind === 'vmalloc' || kind === 'vmap' ? nrPages : 0,
        vpages: arrays.length > 0,
        physical: kind === 'ioremap' ? device : undefined,
        object,
    };
    return [
        own,
        ...arrays.map((array, i) => ({
            ...own,
            ...rangeOf(machine, array.vpn, array.vpn + array.nrPages + GUARD_PAGES),
            nrPages: array.nrPages,
            vpages: i + 1 < arrays.length,
        })),
    ];
}
function unpurged(machine) {
    const { starts, ends } = machine.vmallocLazy;
    return starts.map((start, i) => ({
        ...rangeOf(machine, start, ends[i]),
        kind: 'unpurged',
        nrPages: 0,
        vpages: false,
        physical: undefined,
        object: undefined,
    }));
}
function rangeOf({ platform: { layout } }, vpn, endVpn) {
    const start = pageAddress(layout, vpn);
    const sizeBytes = (endVpn - vpn) * 2 ** layout.pageShift;
    return { start, end: start + BigInt(sizeBytes), sizeBytes };
}
//# sourceMappingURL=list-areas.js.map