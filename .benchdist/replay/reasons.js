/**
 * Why an event came out as it did: sentences for people, made from the machine as it was just before the event.
 * `STATUSES` gives the rule that was broken, this file the figures that show it.
 */
import { GFP_HIGHUSER, GFP_KERNEL } from '../core/event/gfp.js';
import { pageAddress, toHex } from '../core/layout/regions.js';
import { boostCell } from '../core/phys/free-lists.js';
import { highestZone, MAX_ORDER, markFor } from '../core/phys/zones.js';
import { liveObjects } from '../core/slab/tables.js';
import { CPU } from '../core/state/cpus.js';
import { endVpn } from '../core/vm/vma.js';
import { kmapOf, memoryOf, pageBytesOf, vmallocOf } from './figures.js';
import { formatBytes, formatCount } from './units.js';
/** The figures behind a failure; the empty string when the status says it all. */
export function figuresBehind(machine, event, status, origin) {
    switch (status) {
        case 'out-of-memory':
        case 'out-of-lowmem':
            return freeMemory(machine, gfpBehind(event, status));
        case 'fragmented':
            return freeBlocks(machine);
        case 'vmalloc-space':
            return vmallocSpace(machine);
        case 'user-space':
            return userSpace(machine, event.cpu);
        case 'kmap-slots':
            return kmapSlots(machine);
        case 'too-large':
            return `the largest block has ${formatBytes(2 ** (MAX_ORDER - 1) * pageBytesOf(machine))}`;
        case 'cache-in-use':
            return event.kind === 'kmem_cache_destroy' ? objectsLeft(machine, event.cache) : '';
        case 'no-cache':
        case 'no-object':
        case 'no-process':
        case 'no-mapping':
        case 'high-page':
            return origin === undefined ? '' : `its ${origin.kind} failed at event ${formatCount(origin.event)}`;
        default:
            return '';
    }
}
/** The zones, each with what is free and what of it this request must leave: watermark and lowmem reserve. */
function freeMemory(machine, gfp) {
    const { zones } = machine.platform;
    const pageBytes = pageBytesOf(machine);
    const asked = highestZone(zones, gfp);
    const figures = memoryOf(machine).zones.map(({ name, freeBytes, totalBytes }, i) => {
        const boost = machine.freeLists[boostCell(i)];
        const keptPages = markFor(zones[i], gfp, 'min', boost) + zones[i].lowmemReserve[asked];
        const terms = i > asked ? 'not for this request' : `must keep ${formatBytes(keptPages * pageBytes)}`;
        return `${name} ${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} (${terms})`;
    });
    return `free: ${figures.join(', ')}`;
}
/** What was asked of the page allocator. An event without flags of its own wants pages, or tables to map them. */
function gfpBehind(event, status) {
    if ('gfp' in event)
        return event.gfp;
    const wantsKernelMemory = status === 'out-of-lowmem' || event.kind === 'spawn' || event.kind === 'fork';
    return wantsKernelMemory ? GFP_KERNEL : GFP_HIGHUSER;
}
function freeBlocks(machine) {
    const zones = memoryOf(machine).zones.map(({ name, freeBytes, largestBlockBytes }) => `${name} ${formatBytes(freeBytes)}, largest block ${formatBytes(largestBlockBytes)}`);
    return `free: ${zones.join('; ')}`;
}
function vmallocSpace(machine) {
    const { usedBytes, totalBytes, largestHoleBytes } = vmallocOf(machine);
    return `${formatBytes(usedBytes)} of ${formatBytes(totalBytes)} used, largest hole ${formatBytes(largestHoleBytes)}`;
}
function kmapSlots(machine) {
    const { used, slots } = kmapOf(machine);
    return `${used} of ${slots} slots in use`;
}
function objectsLeft(machine, cache) {
    const live = liveObjects(machine, machine.cacheNumbers.get(cache, 0) - 1);
    return `${formatCount(live)} ${live === 1 ? 'object' : 'objects'} left`;
}
function userSpace(machine, cpu) {
    const pid = machine.cpus.get(cpu, CPU.pid);
    const mm = machine.records.mms[machine.cpus.get(cpu, CPU.mm)];
    if (mm === undefined)
        return '';
    const { layout } = machine.platform;
    const pageBytes = pageBytesOf(machine);
    let mappedPages = 0;
    let largestGap = 0;
    let floor = 0;
    for (const vma of mm.vmas) {
        largestGap = Math.max(largestGap, vma.startVpn - floor);
        mappedPages += vma.nrPages;
        floor = endVpn(vma);
    }
    largestGap = Math.max(largestGap, Number(layout.taskSize) / pageBytes - floor);
    return (`process ${pid} maps ${formatBytes(mappedPages * pageBytes)} of ${formatBytes(Number(layout.taskSize))}, ` +
        `largest gap ${formatBytes(largestGap * pageBytes)}`);
}
/** Address of a byte of a virtual page, as people write it. */
export function addressText({ platform: { layout } }, vpn, offset = 0) {
    return toHex(layout, pageAddress(layout, vpn) + BigInt(offset));
}
//# sourceMappingURL=reasons.js.map