/** /proc/vmallocinfo: the areas of the vmalloc window (s_show and show_purge_info of mm/vmalloc.c). */
import { hexDigits, ProcText } from './text.js';
const LINE = /^0x(\S+)-0x(\S+) +(\d+)(?: (.+))?$/;
const UNOWNED = ['unpurged vm_area', 'vm_map_ram'];
const FLAGS = ['ioremap', 'vmalloc', 'vmap', 'user', 'dma-coherent', 'sparse', 'vpages'];
/** An empty file is an empty window. */
export function parseVmallocinfo(text, place) {
    if (text.trim() === '')
        return [];
    const lines = new ProcText(text, '/proc/vmallocinfo', place);
    return lines.untilEnd(() => {
        const [, start, end, size, words = ''] = lines.expect(LINE, "'0xf7e01000-0xf7e05000   16384 n_tty_open+0x11/0x80 pages=3 vmalloc'");
        const sizeBytes = Number(size);
        return { ...addresses(start, end, sizeBytes), sizeBytes, ...ownership(lines, words) };
    });
}
/** Hashed addresses are numbers too, but not `sizeBytes` apart. */
function addresses(from, to, sizeBytes) {
    if (!/^[0-9a-f]+$/.test(from + to))
        return {};
    const [start, end] = [BigInt(`0x${from}`), BigInt(`0x${to}`)];
    return end - start === BigInt(sizeBytes) ? { start, end } : {};
}
function ownership(lines, words) {
    if (UNOWNED.includes(words))
        return { flags: [words], nodePages: {} };
    const flags = [];
    const nodePages = {};
    const values = {};
    for (const word of words.split(' ').filter((word) => word !== '')) {
        const [, name, value] = /^(\w+)=(\w+)$/.exec(word) ?? [];
        if (FLAGS.includes(word))
            flags.push(word);
        else if (name === 'pages')
            values.nrPages = Number(value);
        else if (name === 'phys')
            values.physical = BigInt(value);
        else if (/^N\d/.test(name ?? ''))
            nodePages[name] = Number(value);
        else if (/\+0x|^0x/.test(word) && values.caller === undefined)
            values.caller = word;
        else if (/^\[\w+\]$/.test(word))
            values.caller += ` ${word}`; // the module that the caller is in
        else
            lines.reject("'unpurged vm_area', or a caller, pages=, phys= and flags such as vmalloc or ioremap");
    }
    return { ...values, flags, nodePages };
}
/** Addresses that are not known are printed as a kernel prints those that it hides. */
export function formatVmallocinfo(areas, digits) {
    const address = (value) => value === undefined ? hidden(digits.virtual) : hexDigits(value, digits.virtual);
    return areas
        .map((area) => {
        const size = String(area.sizeBytes).padStart(7);
        return `${[`0x${address(area.start)}-0x${address(area.end)} ${size}`, ...description(area, digits)].join(' ')}\n`;
    })
        .join('');
}
/** `(ptrval)`, `(____ptrval____)`. */
function hidden(digits) {
    const fill = '_'.repeat((digits - '(ptrval)'.length) / 2);
    return `(${fill}ptrval${fill})`;
}
function description(area, { physical: digits }) {
    const { caller, nrPages, physical, flags, nodePages } = area;
    return [
        ...(caller === undefined ? [] : [caller]),
        ...(nrPages === undefined ? [] : [`pages=${nrPages}`]),
        ...(physical === undefined ? [] : [`phys=0x${hexDigits(physical, digits)}`]),
        ...flags,
        ...Object.entries(nodePages).map(([node, pages]) => `${node}=${pages}`),
    ];
}
//# sourceMappingURL=vmallocinfo.js.map