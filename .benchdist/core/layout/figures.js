import { pkmapBase } from './linux-32.js';
import { regionOfKind } from './regions.js';
import { PAGE_SIZE } from './units.js';
export function oracleFigures(layout) {
    const pkmap = pkmapMacros(layout);
    return {
        name: layout.name,
        family: layout.family,
        ramBytes: Number(layout.ramBytes),
        pageOffset: hex(layout.pageOffset),
        vmallocStart: hex(layout.vmalloc.start),
        vmallocEnd: hex(layout.wordBits === 64 ? layout.vmalloc.end - 1n : layout.vmalloc.end),
        pkmapBase: pkmap === undefined ? null : hex(pkmap.base),
        lastPkmap: pkmap?.slots ?? null,
        fixaddrStart: hex(layout.fixmap.start),
        fixaddrTop: hex(layout.fixmap.end),
        highMemory: hex(layout.highMemory),
        maxLowPfn: layout.maxLowPfn,
        maxPfn: layout.maxPfn,
        highstartPfn: layout.highstartPfn ?? null,
        taskSize: hex(layout.taskSize),
        modulesVaddr: hex(layout.modules.start),
        modulesEnd: hex(layout.modules.end),
        cpuEntryAreaBase: startOf(layout, 'cpu_entry_area'),
        ldtBaseAddr: startOf(layout, 'ldt'),
        zones: layout.zones.map(({ name, startPfn, spannedPages, presentPages }) => ({
            name,
            startPfn,
            spanned: spannedPages,
            present: presentPages,
        })),
    };
}
/** A 32-bit kernel without high memory has no kmap area, but its headers still define where it would be. */
export function pkmapMacros(layout) {
    const { pkmap, wordBits, translation } = layout;
    const ldt = regionOfKind(layout, 'ldt');
    if (pkmap || wordBits === 64 || !ldt)
        return pkmap;
    const slots = 2 ** translation.levels.at(-1).bits;
    return { base: pkmapBase(ldt.start, BigInt(slots) * PAGE_SIZE), slots };
}
function startOf(layout, kind) {
    const found = regionOfKind(layout, kind);
    return found === undefined ? null : hex(found.start);
}
function hex(address) {
    return `0x${address.toString(16)}`;
}
//# sourceMappingURL=figures.js.map