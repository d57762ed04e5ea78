/**
 * What a kernel's memory looked like when a trace began, from its own reports: the state for a replay to start from.
 * It goes into a trace's header, as the parameter `initialState`.
 */
import { UsageError } from '../../core/errors.js';
import { migrateTypeNamed } from '../../core/phys/initial-memory.js';
import { MIGRATE_PCPTYPES } from '../../core/phys/migrate.js';
import { MAX_ORDER } from '../../core/phys/zones.js';
import { parseBuddyinfo } from './buddyinfo.js';
import { parsePagetypeinfo } from './pagetypeinfo.js';
import { parseSlabinfo } from './slabinfo.js';
import { parseZoneinfo } from './zoneinfo.js';
/** The files that a snapshot consists of; the first two must be there. */
export const SNAPSHOT_FILES = ['zoneinfo', 'buddyinfo', 'pagetypeinfo', 'slabinfo'];
/** From the reports of one moment; of several, from the first of each. @param source for messages */
export function initialStateFrom(reports, source) {
    const parse = (name, parser) => {
        const report = reports.find((one) => one.name === name);
        return report && parser(report.text, report.place);
    };
    const zones = parse('zoneinfo', parseZoneinfo);
    const free = parse('buddyinfo', parseBuddyinfo);
    if (zones === undefined || free === undefined)
        throw missing(reports, source);
    const types = parse('pagetypeinfo', parsePagetypeinfo);
    const caches = parse('slabinfo', parseSlabinfo);
    return {
        zones: zones.flatMap((zone) => initialZone(zone, free, types)),
        ...(types && { pageblockOrder: types.pageblockOrder }),
        ...(caches && { slabCaches: caches.filter(({ objects }) => objects > 0).map(initialCache) }),
    };
}
/** None for a zone without pages. */
function initialZone(zone, free, types) {
    const isSame = (one) => one.node === zone.node && one.zone === zone.zone;
    const { node, zone: name, startPfn, spanned, present, managed, min, low, high } = zone;
    const freeBlocks = free.find(isSame)?.freeBlocks;
    if (freeBlocks === undefined || startPfn === undefined)
        return [];
    const byType = types && {
        freeByType: Object.fromEntries(types.free.filter(isSame).map((row) => [row.migrateType, row.freeBlocks])),
        pageblocks: types.blocks.find(isSame)?.blocks ?? {},
    };
    const pagesets = zone.pagesets.map(({ cpu, count, high, batch }) => ({ cpu, count, high, batch }));
    return [
        {
            node,
            zone: name,
            startPfn,
            spanned,
            present,
            managed,
            min,
            low,
            high,
            freeBlocks,
            ...byType,
            pagesets,
        },
    ];
}
function initialCache(cache) {
    const { name, objectBytes, objectsPerSlab, pagesPerSlab, slabs, activeObjects } = cache;
    return { name, objectBytes, objectsPerSlab, pagesPerSlab, slabs, activeObjects };
}
function missing(reports, source) {
    const found = reports.map(({ name }) => name).join(', ') || 'no report of a kernel';
    return new UsageError(`${source}: found ${found}, expected a snapshot: zoneinfo and buddyinfo, also pagetypeinfo and slabinfo. ` +
        'Copy them from /proc when the recording begins');
}
/** What a machine needs to begin as fragmented as that kernel was; without pagetypeinfo all of it counts as movable. */
export function initialMemory({ zones }) {
    return [...new Set(zones.map(({ zone }) => zone))].map((zone) => {
        const freeBlocks = Array.from({ length: MIGRATE_PCPTYPES }, () => new Array(MAX_ORDER).fill(0));
        for (const one of zones.filter((other) => other.zone === zone)) {
            const byType = one.freeByType ?? { Movable: one.freeBlocks };
            for (const [name, counts] of Object.entries(byType)) {
                const row = freeBlocks[migrateTypeNamed(name)];
                counts.slice(0, MAX_ORDER).forEach((count, order) => {
                    row[order] += count;
                });
            }
        }
        return { zone, freeBlocks };
    });
}
/** The state that a trace notes of the kernel it was recorded on. */
export function initialStateOf({ parameters }) {
    const { initialState } = parameters;
    if (initialState === undefined)
        return undefined;
    if (isInitialState(initialState))
        return initialState;
    throw new UsageError('found an initialState of another form in the header of the trace, expected zones');
}
function isInitialState(value) {
    return isMap(value) && Array.isArray(value.zones) && value.zones.every(isInitialZone);
}
const ZONE_NUMBERS = ['node', 'startPfn', 'spanned', 'present', 'managed', 'min', 'low', 'high'];
function isInitialZone(value) {
    return (isMap(value) &&
        typeof value.zone === 'string' &&
        ZONE_NUMBERS.every((name) => Number.isSafeInteger(value[name])) &&
        areNumbers(value.freeBlocks) &&
        (value.freeByType === undefined ||
            (isMap(value.freeByType) && Object.values(value.freeByType).every(areNumbers))) &&
        Array.isArray(value.pagesets) &&
        value.pagesets.every((set) => isMap(set) && areNumbers([set.cpu, set.count, set.high, set.batch])));
}
function isMap(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function areNumbers(value) {
    return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
//# sourceMappingURL=initial-state.js.map