/**
 * The constants of the address space under the names that the kernel's headers give them, as the kernel of a layout
 * was built and booted. What a kernel does not define is left out.
 *
 * Sources, all v6.1: arch/x86/include/asm/{page_types,page_32_types,page_64_types,pgtable_32_areas,
 * pgtable_2level_types,pgtable_3level_types,pgtable_64_types,fixmap,cpu_entry_area,processor}.h.
 */

import { addressOf, alignUp, MIB, PAGE_SHIFT, PAGE_SIZE, TIB } from '../../base/units.ts';
import type { Layout, RegionKind } from '../layout.ts';
import { regionOfKind } from '../regions.ts';
import { CPU_ENTRY_AREA_PAGES_32 } from '../x86/cpu-entry-area.ts';
import { FIXMAP_DEVICE_PAGES, KMAP_LOCAL_SLOTS } from '../x86/x86-32.ts';
import { pkmapMacros } from './figures.ts';
import { fixApicBase } from './kernel-map.ts';
import { ESPFIX_BASE } from './page-table-dump.ts';

export type KernelConstants = Readonly<Record<string, bigint>>;

/** By the kernel’s name; what the kernel of the layout does not define is left out. */
export function kernelConstants(layout: Layout): KernelConstants {
  return {
    ...spaceConstants(layout),
    ...imageConstants(layout),
    ...tableConstants(layout),
    ...cpuConstants(layout),
    ...(layout.wordBits === 32 ? constants32(layout) : constants64(layout)),
  };
}

function spaceConstants(layout: Layout): KernelConstants {
  const { pageOffset, vmalloc, fixmap, fixmapTotalStart, taskSize, stackTop, modules } = layout;
  const ldt = regionOfKind(layout, 'ldt');
  return {
    PAGE_OFFSET: pageOffset,
    __PAGE_OFFSET: pageOffset,
    VMALLOC_START: vmalloc.start,
    VMALLOC_END: layout.wordBits === 64 ? vmalloc.end - 1n : vmalloc.end,
    FIXADDR_START: fixmap.start,
    FIXADDR_TOP: fixmap.end,
    FIXADDR_TOT_START: fixmapTotalStart,
    FIXADDR_SIZE: fixmap.end - fixmap.start,
    __end_of_permanent_fixed_addresses: (fixmap.end - fixmap.start) / PAGE_SIZE,
    __end_of_fixed_addresses: (fixmap.end - fixmapTotalStart) / PAGE_SIZE,
    FIX_APIC_BASE_vaddr: fixApicBase(layout),
    MAXMEM: layout.maxMem,
    high_memory: layout.highMemory,
    min_low_pfn: 0n,
    max_low_pfn: BigInt(layout.maxLowPfn),
    max_pfn: BigInt(layout.maxPfn),
    TASK_SIZE: taskSize,
    TASK_SIZE_MAX: taskSize,
    STACK_TOP: stackTop,
    STACK_TOP_MAX: taskSize,
    TASK_UNMAPPED_BASE: mmapLegacyBase(layout),
    MODULES_VADDR: modules.start,
    MODULES_END: modules.end,
    ...startOf(layout, 'CPU_ENTRY_AREA_BASE', 'cpu_entry_area'),
    ...(ldt && { LDT_BASE_ADDR: ldt.start, LDT_END_ADDR: ldt.end }),
  };
}

/** Where mmap areas start upwards, without a limit on the stack (TASK_UNMAPPED_BASE): a third of user space. */
export function mmapLegacyBase({ stackTop, pageShift }: Layout): bigint {
  return alignUp(stackTop / 3n, 1n << BigInt(pageShift));
}

function startOf(layout: Layout, name: string, kind: RegionKind): KernelConstants {
  const region = regionOfKind(layout, kind);
  return region === undefined ? {} : { [name]: region.start };
}

function imageConstants(layout: Layout): KernelConstants {
  const { kernelImage, pageOffset } = layout;
  const base = regionOfKind(layout, 'kernel_image')?.start ?? pageOffset;
  return {
    __START_KERNEL_map: base,
    KERNEL_IMAGE_SIZE: 512n * MIB,
    _text: base + kernelImage.start,
    _etext: base + kernelImage.code.end,
    _end: base + kernelImage.brkEnd,
    '__pa_symbol(_text)': kernelImage.start,
    swapper_pg_dir: base + kernelImage.rootTable,
  };
}

/** Levels of page tables that C code sees; those that a kernel folds have one entry. */
const ALL_LEVELS = ['pgd', 'p4d', 'pud', 'pmd', 'pte'];

function tableConstants({
  translation,
  structPageBytes,
  wordBits,
  kernelStackBytes,
}: Layout): KernelConstants {
  const bitsOf = (name: string): number => translation.levels.find((level) => level.name === name)?.bits ?? 0;
  const entries = ALL_LEVELS.map((name) => [`PTRS_PER_${name.toUpperCase()}`, 1n << BigInt(bitsOf(name))]);
  const shift = (name: string): bigint => {
    const below = ALL_LEVELS.slice(ALL_LEVELS.indexOf(name) + 1);
    return BigInt(below.reduce((sum, level) => sum + bitsOf(level), PAGE_SHIFT));
  };
  return {
    ...Object.fromEntries(entries),
    PGDIR_SHIFT: shift('pgd'),
    PUD_SHIFT: shift('pud'),
    PMD_SHIFT: shift('pmd'),
    sizeof_pte_t: BigInt(translation.entryBytes),
    sizeof_page: BigInt(structPageBytes),
    sizeof_ptr: BigInt(wordBits / 8),
    THREAD_SIZE: BigInt(kernelStackBytes),
  };
}

function cpuConstants({ cpus, nrCpus }: Layout): KernelConstants {
  return { NR_CPUS: BigInt(nrCpus), nr_cpu_ids: BigInt(cpus), num_present_cpus: BigInt(cpus) };
}

function constants32(layout: Layout): KernelConstants {
  const { vmalloc, pageOffset, maxMem, highMemory, nrCpus } = layout;
  const pkmap = pkmapMacros(layout);
  return {
    VMALLOC_OFFSET: vmalloc.start - highMemory,
    __VMALLOC_RESERVE: vmalloc.end - pageOffset - maxMem,
    CPU_ENTRY_AREA_PAGES: BigInt(CPU_ENTRY_AREA_PAGES_32 * nrCpus),
    ...(pkmap && { PKMAP_BASE: pkmap.base, LAST_PKMAP: BigInt(pkmap.slots) }),
    ...highmemConstants(layout),
  };
}

/** With CONFIG_HIGHMEM only. */
function highmemConstants({ highstartPfn, maxPfn, fixmap, nrCpus }: Layout): KernelConstants {
  if (highstartPfn === undefined) return {};
  const slot = (index: number): bigint => fixmap.end - addressOf(index);
  return {
    highstart_pfn: BigInt(highstartPfn),
    highend_pfn: BigInt(maxPfn),
    KM_MAX_IDX: BigInt(KMAP_LOCAL_SLOTS),
    FIX_KMAP_BEGIN_vaddr: slot(FIXMAP_DEVICE_PAGES),
    FIX_KMAP_END_vaddr: slot(FIXMAP_DEVICE_PAGES + KMAP_LOCAL_SLOTS * nrCpus - 1),
  };
}

/** The bases are variables there: KASLR, which these kernels run without, would move them. */
function constants64(layout: Layout): KernelConstants {
  const { pageOffset, vmalloc, translation } = layout;
  const { PGDIR_SHIFT, PTRS_PER_P4D } = tableConstants(layout);
  return {
    page_offset_base: pageOffset,
    vmalloc_base: vmalloc.start,
    ...startOf(layout, 'vmemmap_base', 'vmemmap'),
    ...startOf(layout, 'mem_map_or_vmemmap_pfn0', 'vmemmap'),
    pgdir_shift: PGDIR_SHIFT!,
    ptrs_per_p4d: PTRS_PER_P4D!,
    pgtable_l5_enabled: translation.levels.length === 5 ? 1n : 0n,
    VMALLOC_SIZE_TB: (vmalloc.end - vmalloc.start) / TIB,
    ESPFIX_BASE_ADDR: ESPFIX_BASE,
    LDT_PGD_ENTRY: BigInt.asUintN(64, -240n),
    phys_base: 0n,
  };
}
