/** /proc/meminfo: totals of the machine (meminfo_proc_show of fs/proc/meminfo.c). */
import { ProcText } from './text.js';
const LINE = /^(\w+(?:\(\w+\))?): +(\d+)( kB)?$/;
/** Names in the order of the file. */
export function parseMeminfo(text, place) {
    const lines = new ProcText(text, '/proc/meminfo', place);
    const rows = lines.untilEnd(() => {
        const [, name, value, unit] = lines.expect(LINE, "'MemFree:         1022348 kB'");
        if (name.startsWith('HugePages_') === (unit !== undefined))
            lines.reject("'kB' behind sizes, and nothing behind the counts of HugePages_*");
        return [name, Number(value)];
    });
    return Object.fromEntries(rows);
}
export function formatMeminfo(meminfo) {
    const line = ([name, value]) => `${`${name}:`.padEnd(16)}${String(value).padStart(8)}${name.startsWith('HugePages_') ? '' : ' kB'}\n`;
    return Object.entries(meminfo).map(line).join('');
}
//# sourceMappingURL=meminfo.js.map