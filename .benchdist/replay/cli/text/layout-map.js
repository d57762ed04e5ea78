/** A layout as text: the address space from top to bottom, then physical memory. */
import { toHex } from '../../../core/index.js';
import { formatBytes, formatCount } from '../../index.js';
import { table } from './table.js';
export const LAYOUT_COLUMNS = [
    { head: 'layout' },
    { head: 'user space', align: 'right' },
    { head: 'low memory', align: 'right' },
    { head: 'high memory', align: 'right' },
    { head: 'vmalloc', align: 'right' },
    { head: 'what it is' },
];
export function layoutRow(layout) {
    const { name, title, taskSize, vmalloc } = layout;
    const { low, high } = memoryBytes(layout);
    return [
        name,
        formatBytes(Number(taskSize)),
        formatBytes(low),
        high === 0 ? '-' : formatBytes(high),
        size(vmalloc),
        title,
    ];
}
/** The end of a range is the first address behind it, as in the kernel's own listing at boot. */
export function layoutMap(layout, paint) {
    const { name, title, cpus, nrCpus, ramBytes } = layout;
    return [
        `${paint.colors.bold(name)}: ${title}`,
        `${formatBytes(Number(ramBytes))} of RAM, ${cpus} of ${nrCpus} cpus, ${pagesText(layout)}`,
        '',
        table([{ head: 'from' }, { head: 'to' }, { head: 'size', align: 'right' }, { head: 'region' }], regionRows(layout, paint), paint),
        '',
        table([
            { head: 'zone' },
            { head: 'first PFN' },
            { head: 'end PFN' },
            { head: 'spanned', align: 'right' },
            { head: 'present', align: 'right' },
        ], zoneRows(layout), paint),
        '',
        memoryText(layout),
    ].join('\n');
}
function pagesText({ pageShift, translation }) {
    const tree = translation.levels.map(({ name, bits }) => `${name}[${2 ** bits}]`).join(' > ');
    return `pages of ${2 ** (pageShift - 10)} KiB, ${tree}, entries of ${translation.entryBytes} bytes`;
}
/** Regions from the top down, with the holes between them. */
function regionRows(layout, { colors }) {
    const rows = [];
    let ceiling = 1n << BigInt(layout.wordBits);
    for (const region of layout.regions.toReversed()) {
        if (region.end < ceiling)
            rows.push(rangeRow(layout, { start: region.end, end: ceiling }, colors.dim(holeName(layout, region.end))));
        rows.push(rangeRow(layout, region, region.name));
        ceiling = region.start;
    }
    if (ceiling > 0n)
        rows.push(rangeRow(layout, { start: 0n, end: ceiling }, colors.dim('hole')));
    return rows;
}
/** Above user space of a 64-bit machine lie the addresses that are none. */
function holeName({ wordBits, virtualBits, taskSize }, start) {
    return wordBits > virtualBits && start === taskSize
        ? 'hole: a guard page, then no canonical addresses'
        : 'hole';
}
function rangeRow(layout, range, name) {
    return [toHex(layout, range.start), toHex(layout, range.end), size(range), name];
}
function size({ start, end }) {
    return formatBytes(Number(end - start));
}
function zoneRows({ zones, pageShift }) {
    const bytes = (pages) => formatBytes(pages * 2 ** pageShift);
    return zones.map(({ name, startPfn, spannedPages, presentPages }) => [
        name,
        String(startPfn),
        String(startPfn + spannedPages),
        bytes(spannedPages),
        bytes(presentPages),
    ]);
}
function memoryText(layout) {
    const { low, high } = memoryBytes(layout);
    const kmap = layout.pkmap === undefined ? 'no kmap window' : `${formatCount(layout.pkmap.slots)} kmap slots`;
    const highText = high === 0 ? 'no high memory' : `${formatBytes(high)} of high memory`;
    return `${formatBytes(low)} of low memory, ${highText}, ${kmap}, PAGE_OFFSET ${toHex(layout, layout.pageOffset)}`;
}
function memoryBytes({ zones, pageShift }) {
    const sum = (isHigh) => zones
        .filter(({ name }) => (name === 'HighMem') === isHigh)
        .reduce((pages, zone) => pages + zone.presentPages, 0) *
        2 ** pageShift;
    return { low: sum(false), high: sum(true) };
}
//# sourceMappingURL=layout-map.js.map