/**
 * What a layout says about each key of an ARM oracle machine, beside what the machine said; or why it says nothing.
 *
 * Every key of a machine is in `ARM_PREDICTIONS`: a new one makes the test fail until someone decides what it is.
 */
import {
  kernelConstants,
  type Layout,
  mmapLegacyBase,
  regionOfKind,
} from '../../../../core/layout/catalog/index.ts';
import type { ArmMachine } from '../../../captures/arm-machine.ts';
import { markers, walks } from './arm-dump.ts';
import { bootLog, bounds, iomem, memblock } from './arm-memory.ts';
import {
  ELSEWHERE,
  FRAMES,
  hex,
  INPUT,
  MANAGED,
  PAGES,
  PROCESSOR,
  PROGRAMS,
  type Predict,
  type Prediction,
  type Predictions,
  reasons,
  SLAB,
  STRUCTS,
  WINDOWS,
} from './prediction.ts';
import { emptyZones, highKib, vmallocKib, vmallocTotal, zoneSnapshots, zones } from './zones.ts';

const IMAGE = 'sections of the build, which the test takes from the machine';
const LATER = 'what the probe left behind';
const CMA = 'pages are left to phys/cma-at-boot.test.ts';

/** By the machine's key, or `consts`' name, of figures that a layout gives under another one. */
const SCALARS: Readonly<Record<string, string>> = {
  page_offset: 'PAGE_OFFSET',
  vmalloc_start: 'VMALLOC_START',
  vmalloc_end: 'VMALLOC_END',
  modules_vaddr: 'MODULES_VADDR',
  modules_end: 'MODULES_END',
  pkmap_base: 'PKMAP_BASE',
  last_pkmap: 'LAST_PKMAP',
  fixaddr_start: 'FIXADDR_START',
  fixaddr_top: 'FIXADDR_TOP',
  fixaddr_end: 'FIXADDR_END',
  high_memory: 'high_memory',
  task_size: 'TASK_SIZE',
  phys_offset: 'PHYS_OFFSET',
  arm_lowmem_limit: 'arm_lowmem_limit',
  vectors_base: 'VECTORS_BASE',
  fdt_fixed_base: 'FDT_FIXED_BASE',
  vmalloc_offset: 'VMALLOC_OFFSET',
  max_low_pfn: 'max_low_pfn',
  max_pfn: 'max_pfn',
  min_low_pfn: 'min_low_pfn',
  page_end: 'PAGE_END',
  vmemmap_start: 'VMEMMAP_START',
  vmemmap_end: 'VMEMMAP_END',
  pci_io_start: 'PCI_IO_START',
  pci_io_end: 'PCI_IO_END',
  kimage_vaddr: 'KIMAGE_VADDR',
  memstart_addr: 'memstart_addr',
};

/** Kernels that do not export a variable give null for it. */
function scalar(key: string, name: string): Predict<ArmMachine> {
  return (machine, layout) => {
    const captured = (machine as unknown as Record<string, string | number | null>)[key];
    const value = kernelConstants(layout)[name];
    if (captured === null && layout.pkmap !== undefined)
      return { predicted: {}, captured: {}, left: { [key]: 'not exported' } };
    const asCaptured = value === undefined ? null : typeof captured === 'number' ? Number(value) : hex(value);
    const isUnknown = captured === null && value !== undefined;
    return isUnknown
      ? { predicted: {}, captured: {}, left: { [key]: 'not exported' } }
      : { predicted: { [key]: asCaptured }, captured: { [key]: captured } };
  };
}

const CONSTS_LEFT: Readonly<Record<string, string>> = {
  ...reasons('_text _etext _stext _sdata _end __init_begin __init_end _sinittext __start_rodata', IMAGE),
  ...reasons('__pa_symbol(_text) swapper_pg_dir KERNEL_START KERNEL_END', IMAGE),
  ...reasons('kimage_voffset', IMAGE),
  __end_of_fixed_addresses: 'slots that early_ioremap() has during boot only',
  ...reasons('ZERO_PAGE_pfn mem_map_or_vmemmap_pfn_min current_task current_stack local_var', FRAMES),
  ...reasons('mm_pgd mm_pgd_pa reg_TTBR0 reg_TTBR1 reg_TTBR0_EL1 reg_TTBR1_EL1', FRAMES),
  ...reasons('cache_is_vivt cache_is_vipt_nonaliasing cache_is_vipt_aliasing reg_SCTLR reg_TTBCR', PROCESSOR),
  ...reasons('reg_DACR reg_PRRR_MAIR0 reg_NMRR_MAIR1 reg_MIDR reg_TCR_EL1 reg_SCTLR_EL1', PROCESSOR),
  ...reasons('reg_MAIR_EL1 reg_MIDR_EL1 reg_ID_AA64MMFR0_EL1 reg_ID_AA64MMFR2_EL1 SHMLBA', PROCESSOR),
  ...reasons('sizeof_task_struct sizeof_mm_struct sizeof_vm_area_struct sizeof_dma_addr_t', STRUCTS),
  ...reasons('MAX_ORDER sizeof_page', 'of the configuration, which the test takes from the machine'),
  ...reasons('MIGRATE_TYPES MIGRATE_PCPTYPES pageblock_order', PAGES),
  ...reasons('KMALLOC_MAX_SIZE KMALLOC_MAX_CACHE_SIZE', SLAB),
  ...reasons('totalram_pages totalhigh_pages min_free_kbytes', MANAGED),
  ...reasons(
    'mm_start_stack mm_start_code mm_end_code mm_start_data mm_end_data mm_start_brk mm_brk',
    PROGRAMS,
  ),
};

function consts({ consts: captured }: ArmMachine, layout: Layout): Prediction {
  const known: Record<string, bigint> = {
    ...kernelConstants(layout),
    mm_mmap_base: layout.mmapBase,
    mm_task_size: layout.taskSize,
    TASK_UNMAPPED_BASE: mmapLegacyBase(layout),
  };
  const names = Object.keys(captured).filter((name) => !(name in CONSTS_LEFT));
  return {
    predicted: Object.fromEntries(
      names.map((name) => [name, known[name] === undefined ? null : hex(known[name])]),
    ),
    captured: Object.fromEntries(names.map((name) => [name, captured[name]])),
    left: Object.fromEntries(Object.entries(CONSTS_LEFT).filter(([name]) => name in captured)),
  };
}

const HIGH_RESERVED =
  'early boot reserved high memory that it never gave back (cma_declare_contiguous, with RAM above 4 GiB)';

function isHighReserved({ zones }: Pick<ArmMachine, 'zones'>): boolean {
  return zones.some(({ name, present, managed }) => name === 'HighMem' && present !== managed);
}

function highTotal(machine: ArmMachine, layout: Layout): Prediction {
  const { high_total_kb } = machine;
  if (isHighReserved(machine)) return { predicted: {}, captured: {}, left: { high_total_kb: HIGH_RESERVED } };
  const predicted = layout.highstartPfn === undefined ? null : highKib(layout);
  return { predicted: { high_total_kb: predicted }, captured: { high_total_kb } };
}

function meminfo(machine: ArmMachine, layout: Layout): Prediction {
  const { meminfo_kb } = machine;
  const predicted: Record<string, number> = {
    VmallocTotal: vmallocKib(layout),
    ...(layout.highstartPfn !== undefined && !isHighReserved(machine) && { HighTotal: highKib(layout) }),
  };
  const isPredicted = ([name]: [string, number]): boolean =>
    name in predicted || (name === 'HighTotal' && !isHighReserved(machine));
  const left = Object.keys(meminfo_kb).filter((name) => !(name in predicted));
  return {
    predicted,
    captured: Object.fromEntries(Object.entries(meminfo_kb).filter(isPredicted)),
    left: Object.fromEntries(left.map((name) => [name, 'what runs, and how much boot took'])),
  };
}

/** The page of the vectors is in every process; where the stack ends is STACK_TOP. */
function init({ init: { maps } }: ArmMachine, layout: Layout): Prediction {
  const at = (name: string): string[] =>
    maps
      .filter((line) => line.endsWith(name))
      .map(
        (line) =>
          line
            .split(' ')[0]!
            .split('-')
            .map((a) => `0x${BigInt(`0x${a}`).toString(16)}`)
            .at(name === '[stack]' ? 1 : 0)!,
      );
  const vectors = regionOfKind(layout, 'vectors');
  return {
    predicted: { stack: [hex(layout.stackTop)], vectors: vectors === undefined ? [] : [hex(vectors.start)] },
    captured: { stack: at('[stack]'), vectors: at('[vectors]') },
    left: { others: PROGRAMS },
  };
}

export const ARM_PREDICTIONS: Predictions<ArmMachine> = {
  ...ELSEWHERE,
  ...Object.fromEntries(Object.entries(SCALARS).map(([key, name]) => [key, scalar(key, name)])),
  ...reasons(
    'id variant ram_mb qemu_cpu smp extra_cmdline qemu complete kernel_version config cmdline',
    INPUT,
  ),
  consts,
  zones,
  zones_empty: emptyZones,
  zone_snapshots: zoneSnapshots,
  meminfo_kb: meminfo,
  high_total_kb: highTotal,
  vmalloc_total_kb: vmallocTotal,
  iomem,
  memblock,
  lowmem_bounds: bounds,
  dmesg_memory_lines: bootLog,
  markers,
  page_table_walks: walks,
  init,
  ...reasons('meminfo_end_kb markers_after vmallocinfo_after', LATER),
  ioports: 'devices',
  ...reasons('buddyinfo_boot buddyinfo_after_vm', PAGES),
  ...reasons('cma_area cma_state cma_alloc cma_alloc_after_release cma_run cma_total', CMA),
  ...reasons('vmalloc_exhaust vm_after_purge ioremap_twice ioremap_again_after_iounmap', WINDOWS),
  ...reasons('ioremap_pfn vmarea_align walk_skipped', WINDOWS),
  ...reasons('module_alloc module_exhaust module_exhaust_result', WINDOWS),
  ...reasons('thp thp_enabled thp_smaps thp_meminfo thp_vmstat thp_buddyinfo', 'huge pages of a program'),
};
