export function kernelZones({ platform }) {
    const names = zoneNames(platform.layout);
    return names.map((name, rank) => {
        const zone = platform.zones.find((zone) => zone.name === name);
        const protection = names.map((_, asked) => reserveAgainst(platform.zones, names, zone, asked));
        return { name, zone, protection, idleMark: idleMark(platform.zones, names[rank]) };
    });
}
function zoneNames({ wordBits, pkmap }) {
    if (wordBits === 64)
        return ['DMA', 'DMA32', 'Normal', 'Movable'];
    return pkmap === undefined ? ['DMA', 'Normal', 'Movable'] : ['DMA', 'Normal', 'HighMem', 'Movable'];
}
/** Zones without memory add nothing: what counts is the highest populated one below the zone that was asked for. */
function reserveAgainst(zones, names, zone, asked) {
    const highest = zones.findLast(({ name }) => names.indexOf(name) <= asked);
    return zone === undefined || highest === undefined ? 0 : zone.lowmemReserve[highest.index];
}
/** SWAP_CLUSTER_MAX: the least that __setup_per_zone_wmarks gives to a zone of high memory, even an empty one. */
const HIGHMEM_LEAST = 32;
/** Movable counts as high memory when the highest zone with memory is (zone_movable_is_highmem). */
function idleMark(zones, name) {
    const isHigh = name === 'HighMem' || (name === 'Movable' && zones.at(-1)?.name === 'HighMem');
    return isHigh ? HIGHMEM_LEAST : 0;
}
//# sourceMappingURL=kernel-zones.js.map