/**
 * The constants of the address space under the names that the kernel's headers give them, as the kernel of a layout
 * was built and booted. What a kernel does not define is left out.
 *
 * Those of one processor's kernels are told by the kernel (booted.ts). Sources, all v6.1: arch/x86/include/asm/
 * {page_types,page_32_types,page_64_types,pgtable_2level_types,pgtable_3level_types,pgtable_64_types,processor}.h.
 */

import { MIB, PAGE_SIZE } from '../../base/units.ts';
import type { KernelConstants } from '../booted.ts';
import { firstPfn, vmallocEnd } from '../convert.ts';
import type { Layout, RegionKind } from '../layout.ts';
import { mmapLegacyBase, regionOfKind } from '../regions.ts';

/** By the kernel's name; what the kernel of the layout does not define is left out. */
export function kernelConstants(layout: Layout): KernelConstants {
  return {
    ...spaceConstants(layout),
    ...imageConstants(layout),
    ...tableConstants(layout),
    ...cpuConstants(layout),
    ...layout.booted?.constants(layout),
  };
}

function spaceConstants(layout: Layout): KernelConstants {
  const { pageOffset, vmalloc, fixmap, fixmapTotalStart, taskSize, stackTop, modules } = layout;
  const ldt = regionOfKind(layout, 'ldt');
  return {
    PAGE_OFFSET: pageOffset,
    __PAGE_OFFSET: pageOffset,
    VMALLOC_START: vmalloc.start,
    VMALLOC_END: vmallocEnd(layout),
    FIXADDR_START: fixmap.start,
    FIXADDR_TOP: fixmap.end,
    FIXADDR_TOT_START: fixmapTotalStart,
    FIXADDR_SIZE: fixmap.end - fixmap.start,
    __end_of_permanent_fixed_addresses: (fixmap.end - fixmap.start) / PAGE_SIZE,
    __end_of_fixed_addresses: (fixmap.end - fixmapTotalStart) / PAGE_SIZE,
    MAXMEM: layout.maxMem,
    high_memory: layout.highMemory,
    min_low_pfn: BigInt(firstPfn(layout)),
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

/** A constant for where a region begins, if there is one. */
export function startOf(layout: Layout, name: string, kind: RegionKind): KernelConstants {
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

/** Of the page tables, and sizes in bytes. */
export function tableConstants({ arch, structPageBytes, kernelStackBytes }: Layout): KernelConstants {
  const { translation, pointerBytes, pageShift } = arch;
  const bitsOf = (name: string): number => translation.levels.find((level) => level.name === name)?.bits ?? 0;
  const entries = ALL_LEVELS.map((name) => [`PTRS_PER_${name.toUpperCase()}`, 1n << BigInt(bitsOf(name))]);
  const shift = (name: string): bigint => {
    const below = ALL_LEVELS.slice(ALL_LEVELS.indexOf(name) + 1);
    return BigInt(below.reduce((sum, level) => sum + bitsOf(level), pageShift));
  };
  return {
    ...Object.fromEntries(entries),
    PGDIR_SHIFT: shift('pgd'),
    PUD_SHIFT: shift('pud'),
    PMD_SHIFT: shift('pmd'),
    sizeof_pte_t: BigInt(translation.entryBytes),
    sizeof_page: BigInt(structPageBytes),
    sizeof_ptr: BigInt(pointerBytes),
    THREAD_SIZE: BigInt(kernelStackBytes),
  };
}

function cpuConstants({ cpus, nrCpus, possibleCpus }: Layout): KernelConstants {
  return { NR_CPUS: BigInt(nrCpus), nr_cpu_ids: BigInt(possibleCpus), num_present_cpus: BigInt(cpus) };
}
