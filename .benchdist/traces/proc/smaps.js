/** /proc/PID/smaps: what of each mapping is in memory, and with whom it is shared (show_smap of fs/proc/task_mmu.c). */
import { expectMapsLine, formatMapsLine } from './maps.js';
import { ProcText } from './text.js';
export function parseSmaps(text, place) {
    if (text.trim() === '')
        return [];
    const lines = new ProcText(text, '/proc/PID/smaps', place);
    return lines.untilEnd(() => mapping(lines));
}
function mapping(lines) {
    const line = expectMapsLine(lines);
    const kb = Object.fromEntries(lines.each(/^(\w+): +(\d+) kB$/, ([, name, value]) => [name, Number(value)]));
    if (kb.Rss === undefined)
        lines.fail("'Rss:                 188 kB' and its like");
    const numbers = Object.fromEntries(lines.each(/^(\w+): +(\d+)$/, ([, name, value]) => [name, Number(value)]));
    const flags = lines.accept(/^VmFlags:((?: \S\S)*) ?$/);
    const vmFlags = (flags?.[1] ?? '').split(' ').filter((flag) => flag !== '');
    return { ...line, kb, numbers, vmFlags };
}
export function formatSmaps(mappings, wordBytes) {
    return mappings.map((one) => mappingText(one, wordBytes)).join('');
}
function mappingText(one, wordBytes) {
    const kb = Object.entries(one.kb).map(([name, value]) => `${`${name}:`.padEnd(16)}${String(value).padStart(8)} kB\n`);
    // Linux 6.1 prints these with %d.
    const numbers = Object.entries(one.numbers).map(([name, value]) => `${`${name}:`.padEnd(16)}${value}\n`);
    const flags = `VmFlags: ${one.vmFlags.map((flag) => `${flag} `).join('')}\n`;
    return [`${formatMapsLine(one, wordBytes)}\n`, ...kb, ...numbers, flags].join('');
}
//# sourceMappingURL=smaps.js.map