/** What a machine can be asked at any moment: plain numbers, in bytes and nanoseconds. */
import { COUNTER } from '../core/counters.js';
import { freePagesOf, nrFree } from '../core/phys/free-lists.js';
import { MAX_ORDER } from '../core/phys/zones.js';
import { CPU, MAX_CPUS } from '../core/state/cpus.js';
export function pageBytesOf(machine) {
    return 2 ** machine.platform.layout.pageShift;
}
export function memoryOf(machine) {
    const zones = machine.platform.zones.map((zone) => zoneFigures(machine, zone));
    return {
        low: totals(zones.filter((zone) => zone.name !== 'HighMem')),
        high: totals(zones.filter((zone) => zone.name === 'HighMem')),
        zones,
    };
}
function zoneFigures(machine, zone) {
    const pageBytes = pageBytesOf(machine);
    return {
        name: zone.name,
        totalBytes: zone.managedPages * pageBytes,
        freeBytes: freePagesOf(machine, zone.index) * pageBytes,
        minBytes: zone.min * pageBytes,
        lowBytes: zone.low * pageBytes,
        highBytes: zone.high * pageBytes,
        largestBlockBytes: largestBlockPages(machine, zone) * pageBytes,
    };
}
function largestBlockPages(machine, zone) {
    for (let order = MAX_ORDER - 1; order >= 0; order--) {
        if (nrFree(machine, zone.index, order) > 0)
            return 2 ** order;
    }
    return 0;
}
function totals(zones) {
    return {
        totalBytes: zones.reduce((sum, zone) => sum + zone.totalBytes, 0),
        freeBytes: zones.reduce((sum, zone) => sum + zone.freeBytes, 0),
    };
}
export function vmallocOf(machine) {
    const { vmalloc } = machine.platform.layout;
    const pageBytes = pageBytesOf(machine);
    const totalBytes = Number(vmalloc.end - vmalloc.start);
    return {
        totalBytes,
        usedBytes: totalBytes - (machine.vmallocHoles.total() + machine.vmallocLazy.total()) * pageBytes,
        peakBytes: machine.counters[COUNTER.vmallocPagesPeak] * pageBytes,
        largestHoleBytes: machine.vmallocHoles.largest() * pageBytes,
    };
}
export function kmapOf(machine) {
    const { highstartPfn, pkmap } = machine.platform.layout;
    return {
        slots: highstartPfn === undefined ? 0 : (pkmap?.slots ?? 0),
        used: machine.counters[COUNTER.kmapSlots],
        peak: machine.counters[COUNTER.kmapSlotsPeak],
    };
}
/** The clock of every cpu, up to the last that did something. */
export function clocksOf(machine) {
    const clocks = Array.from({ length: MAX_CPUS }, (_, cpu) => machine.cpus.get(cpu, CPU.clockNs));
    return clocks.slice(0, clocks.findLastIndex((ns) => ns > 0) + 1);
}
//# sourceMappingURL=figures.js.map