/**
 * Where a layout puts what programs map, as page numbers: worked out once at boot from the layout and from what the
 * administrator may set, the limit of the stack (RLIMIT_STACK) and the old order of mappings (vm.legacy_va_layout).
 * Addresses are those without randomisation. Sources: arch/x86/mm/mmap.c, arch/x86/include/asm/elf.h, v6.1.
 */
import { mmapLegacyBase } from '../layout/constants.js';
import { MIB } from '../layout/units.js';
const STACK_LIMIT_BYTES = 8n * MIB;
/** mmap_min_addr: nothing is mapped below 64 KiB (mm/Kconfig DEFAULT_MMAP_MIN_ADDR, v6.1). */
const MMAP_MIN_BYTES = 65536n;
/** stack_guard_gap of mm/mmap.c, v6.1: pages below a stack that stay empty. */
export const STACK_GUARD_PAGES = 256;
export function userSpaceOf(layout, options) {
    const { stackLimitBytes = STACK_LIMIT_BYTES, legacyMmap = false } = options;
    const pageBytes = 2n ** BigInt(layout.pageShift);
    const page = (address) => Number(address / pageBytes);
    const lowest = page(MMAP_MIN_BYTES);
    const stackPages = stackLimitBytes === 'unlimited' ? Number.POSITIVE_INFINITY : page(stackLimitBytes);
    return {
        endVpn: page(layout.taskSize),
        lowestVpn: lowest === 0 ? 1 : lowest,
        textVpn: page(layout.textBase),
        pieVpn: page(pieBase(layout)),
        heapVpn: page(pieBase(layout) + pageBytes - 1n),
        mmapBaseVpn: page(mmapBase(layout, options.stackLimitBytes, pageBytes)),
        unmappedBaseVpn: page(mmapLegacyBase(layout)),
        legacyMmap,
        stackTopVpn: page(layout.stackTop),
        stackLimitPages: stackPages,
    };
}
/** ELF_ET_DYN_BASE: 4 MiB on 32 bits; two thirds of the way up on 64. */
function pieBase({ wordBits, stackTop }) {
    return wordBits === 32 ? 4n * MIB : (stackTop / 3n) * 2n;
}
/** mmap_base(): room for the stack and its guard gap, within bounds; the layout says where with the usual limit. */
function mmapBase({ mmapBase: usual, stackTop }, limit, pageBytes) {
    if (limit === undefined)
        return usual;
    const most = (stackTop / 6n) * 5n;
    const least = stackTop - usual;
    const wanted = limit === 'unlimited' ? most : limit + BigInt(STACK_GUARD_PAGES) * pageBytes;
    const gap = wanted < least ? least : wanted > most ? most : wanted;
    const base = stackTop - gap;
    return ((base + pageBytes - 1n) / pageBytes) * pageBytes;
}
//# sourceMappingURL=user-space.js.map