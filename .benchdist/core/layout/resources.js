import { BIOS_WINDOW, SYSTEM_RAM, without } from './memory-map.js';
import { alignUp, GIB, KIB, MIB, PAGE_SIZE } from './units.js';
/** The resource tree, in the order of /proc/iomem. */
export function physicalResources(layout) {
    const ranges = [...firmwareRanges(layout), ...kernelRanges(layout)];
    return nested(addressable(layout, [...ranges, ...ramBuffers(layout, ranges)]));
}
/** What firmware and devices have, less what the kernel does not believe: page 0 and the BIOS's window are no RAM. */
function firmwareRanges({ physical, ram }) {
    const others = physical.filter(({ name }) => name !== SYSTEM_RAM);
    const usable = ram.map(({ start, end }) => ({
        start: start < PAGE_SIZE ? PAGE_SIZE : start,
        end,
        name: SYSTEM_RAM,
    }));
    const firstPage = ram[0]?.start === 0n ? [{ start: 0n, end: PAGE_SIZE, name: 'Reserved' }] : [];
    return [...firstPage, ...usable, ...others];
}
function kernelRanges({ kernelImage, wordBits }) {
    const { code, rodata, data, bss } = kernelImage;
    const sections = Object.entries({ code, rodata, data, bss });
    const kernel = sections.map(([name, range]) => ({ ...range, name: `Kernel ${name}` }));
    if (wordBits === 64)
        return kernel;
    return [...kernel, { start: BIOS_WINDOW.start, end: 0xc0000n, name: 'Video RAM area' }];
}
/** Above RAM that ends in the middle of nowhere nothing may be placed: firmware may have kept the rest for itself. */
function ramBuffers({ ram }, taken) {
    return ram.flatMap(({ end }) => {
        const hole = { start: end, end: alignUp(end, ramAlignment(end)) };
        const free = taken.reduce(without, [hole]).filter(({ start, end }) => start < end);
        return free.map((range) => ({ ...range, name: 'RAM buffer' }));
    });
}
function ramAlignment(address) {
    if (address < MIB)
        return 64n * KIB;
    return address < 16n * MIB ? MIB : 64n * MIB;
}
/** resource_size_t has 32 bits without PAE. Simplified: a range that straddles 4 GiB is cut, not left out. */
function addressable({ wordBits, translation }, ranges) {
    if (wordBits === 64 || translation.entryBytes === 8)
        return [...ranges];
    const limit = 4n * GIB;
    return ranges
        .filter(({ start }) => start < limit)
        .map((range) => ({ ...range, end: range.end < limit ? range.end : limit }));
}
function nested(ranges) {
    const above = [];
    return ranges.toSorted(byPlace).map((range) => {
        while (above.length > 0 && above.at(-1).end < range.end)
            above.pop();
        while (above.length > 0 && above.at(-1).end <= range.start)
            above.pop();
        above.push(range);
        return { startByte: range.start, endByte: range.end, name: range.name, depth: above.length - 1 };
    });
}
/** Ascending, the larger of two that start together first. */
function byPlace(a, b) {
    if (a.start !== b.start)
        return a.start < b.start ? -1 : 1;
    return a.end === b.end ? 0 : a.end > b.end ? -1 : 1;
}
//# sourceMappingURL=resources.js.map