/**
 * A plan: all that a layout fixes whatever the amount of RAM, as plain data, and the layout that it makes with some RAM.
 *
 * The kernels of linux-32.ts compute their windows from the RAM; here they lie where the plan says, and RAM fills the
 * direct map from below. What does not fit is high memory if there is a kmap window, else it is not used.
 */
import { UsageError } from '../errors.js';
import { PHYSICAL_LIMIT } from './memory-map.js';
import { endPfn, usableFrames, zoneSpans } from './page-frames.js';
import { ascending, region } from './regions.js';
import { addressOf, formatSize, pfnOf } from './units.js';
import { fixmapPages, PHYSICAL_LIMIT_32, PHYSICAL_LIMIT_PAE } from './x86-32.js';
export function buildPlanned(plan, { ram, nrCpus }) {
    const { lowMemoryEnd, memoryEnd, lowZones, otherRegions, ...body } = plan;
    const { pageShift, pageOffset, pkmap } = plan;
    const pages = (bytes) => pfnOf(bytes, pageShift);
    const frames = usableFrames(ram, pages(physicalLimit(plan)), pageShift);
    const lastPfn = Math.min(endPfn(frames), pages(memoryEnd));
    const maxLowPfn = Math.min(lastPfn, pages(lowMemoryEnd), pages(plan.maxMem));
    const maxPfn = pkmap === undefined ? maxLowPfn : lastPfn;
    const highMemory = pageOffset + addressOf(maxLowPfn, pageShift);
    const regions = regionsOf(plan, highMemory);
    checkRoom(regions, highMemory);
    checkKmapLocal(plan, nrCpus);
    return {
        ...body,
        maxLowPfn,
        maxPfn,
        highMemory,
        highstartPfn: pkmap === undefined ? undefined : maxLowPfn,
        zones: zonesOf(plan, frames, maxLowPfn, maxPfn),
        regions,
    };
}
/** Physical addresses that entries can hold, or the simulator. */
function physicalLimit({ wordBits, translation }) {
    if (translation.entryBytes === 4)
        return PHYSICAL_LIMIT_32;
    return wordBits === 32 ? PHYSICAL_LIMIT_PAE : PHYSICAL_LIMIT;
}
function zonesOf({ lowZones, pageShift }, frames, maxLowPfn, maxPfn) {
    const below = lowZones.map(({ name, end }) => ({
        name,
        endPfn: Math.min(pfnOf(end, pageShift), maxLowPfn),
    }));
    return zoneSpans(frames, [
        ...below,
        { name: 'Normal', endPfn: maxLowPfn },
        { name: 'HighMem', endPfn: maxPfn },
    ]);
}
function regionsOf(plan, highMemory) {
    const { taskSize, pageOffset, pageShift, vmalloc, fixmap, pkmap, otherRegions } = plan;
    const kmap = pkmap && { start: pkmap.base, end: pkmap.base + addressOf(pkmap.slots, pageShift) };
    return ascending([
        region('user', { start: 0n, end: taskSize }),
        region('direct', { start: pageOffset, end: highMemory }),
        region('vmalloc', vmalloc),
        region('fixmap', fixmap),
        ...(kmap === undefined ? [] : [region('pkmap', kmap)]),
        ...otherRegions,
    ]);
}
/** More RAM than lies between PAGE_OFFSET and the window above it is a mistake of the plan's direct map. */
function checkRoom(regions, highMemory) {
    const direct = regions.findIndex(({ kind }) => kind === 'direct');
    const above = regions[direct + 1];
    if (above === undefined || highMemory <= above.start)
        return;
    throw new UsageError(`the direct map of ${formatSize(highMemory - regions[direct].start)} reaches into the ${above.name} at ` +
        `0x${above.start.toString(16)}; expected it below: give less RAM, or a smaller directMapBytes`);
}
/** kmap_local() takes its slots in the fixmap, as many as there may be cpus. */
function checkKmapLocal({ pkmap, fixmap, pageShift }, nrCpus) {
    const pages = pfnOf(fixmap.end - fixmap.start, pageShift);
    if (pkmap === undefined || pages >= fixmapPages(nrCpus))
        return;
    throw new UsageError(`a fixmap of ${pages} pages; expected at least ${fixmapPages(nrCpus)} for kmap_local() on ${nrCpus} cpus: make ` +
        'it larger, or build the kernel for fewer (nrCpus)');
}
//# sourceMappingURL=plan.js.map