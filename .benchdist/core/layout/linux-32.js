/**
 * The linux-6.1 family on 32 bits: the kernel's own formulas, from the top of the address space downwards.
 *
 *   FIXADDR_TOP  | fixmap | early ioremap | cpu entry areas | LDT | pkmap | 8 KiB | vmalloc | 8 MiB | low memory
 *
 * Sources, all v6.1: arch/x86/include/asm/pgtable_32_areas.h (the windows, MAXMEM), asm/fixmap.h
 * (enum fixed_addresses), asm/cpu_entry_area.h, arch/x86/mm/pgtable_32.c (vmalloc=), arch/x86/Kconfig (VMSPLIT_*).
 * The configuration is that of the captured kernels: local APIC and IO-APIC, no paravirtualisation, no PCI
 * memory-mapped configuration, no Intel TXT, no GHES. Left out: reservetop=.
 */
import { CPU_ENTRY_AREA_PAGES_32 } from './cpu-entry-area.js';
import { IMAGE_1G, IMAGE_2G, IMAGE_2G_OPT, IMAGE_3G, IMAGE_3G_NOHIGHMEM, IMAGE_3G_OPT, IMAGE_3G_PAE, IMAGE_3G_UP, } from './kernel-image.js';
import { PC } from './memory-map.js';
import { region } from './regions.js';
import { alignDown, MIB, PAGE_SIZE } from './units.js';
import { build32, fixmapPages, PAE_LEVELS, PHYSICAL_LIMIT_32, PHYSICAL_LIMIT_PAE, TWO_LEVELS, } from './x86-32.js';
const KERNELS = [
    variant('linux-3g1g', 0xc0000000n, IMAGE_3G, '3 GiB user, 1 GiB kernel'),
    variant('linux-3g1g-opt', 0xb0000000n, IMAGE_3G_OPT, '2.75 GiB user: 1 GiB of RAM is low memory (VMSPLIT_3G_OPT)'),
    variant('linux-2g2g', 0x80000000n, IMAGE_2G, '2 GiB user, 2 GiB kernel'),
    variant('linux-2g2g-opt', 0x78000000n, IMAGE_2G_OPT, '1.875 GiB user: all but 16 MiB of 2 GiB is low memory (VMSPLIT_2G_OPT)'),
    variant('linux-1g3g', 0x40000000n, IMAGE_1G, '1 GiB user, 3 GiB kernel'),
    {
        ...variant('linux-3g1g-pae', 0xc0000000n, IMAGE_3G_PAE, '3 GiB user, 1 GiB kernel, PAE: 64 GiB of RAM'),
        pae: true,
    },
    {
        ...variant('linux-3g1g-nohighmem', 0xc0000000n, IMAGE_3G_NOHIGHMEM, '3 GiB user, only low memory'),
        highmem: false,
    },
];
function variant(name, pageOffset, image, split) {
    return { name, title: `Linux 6.1, ${split}`, pageOffset, pae: false, highmem: true, image };
}
export const LINUX_32 = KERNELS.map((kernel) => ({
    name: kernel.name,
    family: 'linux-6.1',
    title: kernel.title,
    minimumRamBytes: 32n * MIB,
    maximumCpus: 64,
    machine: PC,
    build: (input) => buildLinux32(kernel, input),
}));
/** Out-of-bounds accesses above low memory hit this hole. */
const VMALLOC_OFFSET = 8n * MIB;
/** Default __VMALLOC_RESERVE. */
const VMALLOC_RESERVE = 128n * MIB;
function buildLinux32(kernel, input) {
    const windows = windows32(kernel, input.nrCpus);
    const vmallocEnd = (kernel.highmem ? windows.pkmapBase : windows.ldt.start) - 2n * PAGE_SIZE;
    return build32({
        translation: kernel.pae ? PAE_LEVELS : TWO_LEVELS,
        pageOffset: kernel.pageOffset,
        physicalLimit: kernel.pae ? PHYSICAL_LIMIT_PAE : PHYSICAL_LIMIT_32,
        highmem: kernel.highmem,
        directMapBytes: vmallocEnd - kernel.pageOffset - vmallocReserve(input.vmallocBytes),
        vmallocStart: (highMemory) => highMemory + VMALLOC_OFFSET,
        vmallocEnd,
        pkmap: kernel.highmem ? { base: windows.pkmapBase, slots: kernel.pae ? 512 : 1024 } : undefined,
        fixmap: windows.fixmap,
        fixmapTotalStart: windows.fixmapTotalStart,
        otherRegions: [region('ldt', windows.ldt), region('cpu_entry_area', windows.cpuEntryArea)],
        kernelImage: kernel.image === IMAGE_3G && input.nrCpus === 1 ? IMAGE_3G_UP : kernel.image,
    }, input);
}
/** parse_vmalloc: the hole comes on top of what vmalloc= asks for, but out of the default. */
function vmallocReserve(vmallocBytes) {
    return vmallocBytes === undefined ? VMALLOC_RESERVE : vmallocBytes + VMALLOC_OFFSET;
}
/** FIXADDR_TOP: the last page of the address space stays empty. */
const FIXADDR_TOP = 0xfffff000n;
/** The windows at the top; each starts at a multiple of what a page middle directory entry maps. */
function windows32({ pae }, nrCpus) {
    const entriesPerTable = pae ? 512 : 1024;
    const pmdSize = BigInt(entriesPerTable) * PAGE_SIZE;
    const permanent = fixmapPages(nrCpus);
    const earlyEnd = FIXADDR_TOP - BigInt(fixmapTotalPages(permanent, entriesPerTable)) * PAGE_SIZE;
    const entryAreaBytes = BigInt(cpuEntryAreaPages(nrCpus)) * PAGE_SIZE;
    const entryAreaStart = alignDown(earlyEnd - entryAreaBytes, pmdSize);
    const ldtStart = alignDown(entryAreaStart - PAGE_SIZE, pmdSize);
    return {
        fixmap: { start: FIXADDR_TOP - BigInt(permanent) * PAGE_SIZE, end: FIXADDR_TOP },
        fixmapTotalStart: earlyEnd,
        cpuEntryArea: { start: entryAreaStart, end: entryAreaStart + entryAreaBytes },
        ldt: { start: ldtStart, end: ldtStart + pmdSize },
        pkmapBase: pkmapBase(ldtStart, pmdSize),
    };
}
/** PKMAP_BASE. */
export function pkmapBase(ldtStart, pmdSize) {
    return alignDown(ldtStart - PAGE_SIZE, pmdSize);
}
/** TOTAL_FIX_BTMAPS: slots of early_ioremap. */
const BOOT_MAP_PAGES = 512;
/** __end_of_fixed_addresses: the boot-time slots must share one page table; FIX_WP_TEST comes last. */
function fixmapTotalPages(permanent, entriesPerTable) {
    const crossesTable = ((permanent ^ (permanent + BOOT_MAP_PAGES - 1)) & -entriesPerTable) !== 0;
    const bootMapStart = crossesTable
        ? permanent + BOOT_MAP_PAGES - (permanent & (BOOT_MAP_PAGES - 1))
        : permanent;
    return bootMapStart + BOOT_MAP_PAGES + 1;
}
/** One read-only page of the IDT comes before the areas of the cpus. */
function cpuEntryAreaPages(nrCpus) {
    return 1 + CPU_ENTRY_AREA_PAGES_32 * nrCpus;
}
//# sourceMappingURL=linux-32.js.map