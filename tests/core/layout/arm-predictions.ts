/**
 * What a layout says about each key of an ARM oracle machine, beside what the machine said; or why it says nothing.
 *
 * Every key of a machine is in `ARM_PREDICTIONS`: a new one makes the test fail until someone decides what it is.
 */
import { alignUp } from '../../../core/base/units.ts';
import { lowmemBounds, vmallocSize } from '../../../core/layout/arm/lowmem.ts';
import {
  kernelConstants,
  kernelMappings,
  type Layout,
  mmapLegacyBase,
  physicalResources,
  regionOfKind,
} from '../../../core/layout/catalog/index.ts';
import { isVmallocAddress, pa, virtAddrValid } from '../../../core/layout/convert.ts';
import { describeZones } from '../../../core/phys/zones.ts';
import type { ArmMachine } from '../../captures/arm-machine.ts';
import { armOptions } from '../../captures/arm-machines.ts';
import { FRAMES, hex, type Prediction, WINDOWS } from './prediction.ts';

export type ArmPredict = (machine: ArmMachine, layout: Layout) => Prediction;

const INPUT = 'says which machine it is';
const PAGES = "the page allocator's";
const MANAGED = 'what boot leaves to the page allocator: depends on everything that was allocated before';
const SLAB = 'the slab allocator';
const PROGRAMS = 'programs, their files and arguments';
const STRUCTS = 'C structures of the build, not of the address space';
const PROCESSOR = 'the processor, not the layout';
const IMAGE = 'sections of the build, which the test takes from the machine';
const LATER = 'what the probe left behind';
const MODULE =
  'the probe came as a module: what was managed when the marks were made is not known, and khugepaged has raised them';

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
function scalar(key: string, name: string): ArmPredict {
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

interface ZoneRow {
  readonly name: string;
  readonly start_pfn: number;
  readonly spanned: number;
  readonly present: number;
}

function zoneRows({ zones }: Layout): ZoneRow[] {
  return zones.map(({ name, startPfn, spannedPages, presentPages }) => ({
    name,
    start_pfn: startPfn,
    spanned: spannedPages,
    present: presentPages,
  }));
}

const spanOf = ({ name, start_pfn, spanned, present }: ZoneRow): ZoneRow => ({
  name,
  start_pfn,
  spanned,
  present,
});

/** What zones span, and, from the pages that boot left them, their marks and reserves and what cpus may keep. */
function zones(machine: ArmMachine, layout: Layout): Prediction {
  const { zones: captured, zone_snapshots } = machine;
  // Marks are computed before the memory of init code and of the RAM disk is given back.
  const atBoot = zone_snapshots.filter(({ tag }) => tag === 'initcall');
  const managed = layout.zones.map(({ name }) => atBoot.find((zone) => zone.name === name)?.managed ?? 0);
  const ours = describeZones(layout, managed);
  const isModule = !machine.variant.startsWith('arm');
  const marks = ours.map(({ name, min, low, high, pcpBatch, pcpHigh }) => ({
    name,
    min,
    low,
    high,
    pcpBatch,
    pcpHigh,
  }));
  const theirs = captured.map(({ name, min, low, high, boost = 0, pcp_batch, pcp_high }) => ({
    ...{
      name,
      min: min - boost,
      low: low - boost,
      high: high - boost,
      pcpBatch: pcp_batch,
      pcpHigh: pcp_high,
    },
  }));
  return {
    predicted: { zones: zoneRows(layout), ...(!isModule && { marks }) },
    captured: { zones: captured.map(spanOf), ...(!isModule && { marks: theirs }) },
    left: { managed: MANAGED, ...(isModule && { marks: MODULE }) },
  };
}

function emptyZones({ zones_empty, config }: ArmMachine, { zones, highstartPfn }: Layout): Prediction {
  const all =
    config.arch === 'arm64' ? ['DMA', 'DMA32', 'Normal'] : [...(config.zone_dma ? ['DMA'] : []), 'Normal'];
  if (highstartPfn !== undefined) all.push('HighMem');
  const present = zones.map(({ name }) => name as string);
  const empty = [...all, 'Movable'].filter((name) => !present.includes(name));
  return { predicted: { zones_empty: empty }, captured: { zones_empty } };
}

function zoneSnapshots({ zone_snapshots }: ArmMachine, layout: Layout): Prediction {
  const rows = zone_snapshots.map(spanOf);
  const predicted = rows.map(({ name }) => zoneRows(layout).find((zone) => zone.name === name));
  return { predicted: { zone_snapshots: predicted }, captured: { zone_snapshots: rows } };
}

function highKib({ zones }: Layout): number {
  return (zones.find(({ name }) => name === 'HighMem')?.presentPages ?? 0) * 4;
}

const HIGH_RESERVED =
  'early boot reserved high memory that it never gave back (cma_declare_contiguous, with RAM above 4 GiB)';

function isHighReserved({ zones }: Pick<ArmMachine, 'zones'>): boolean {
  return zones.some(({ name, present, managed }) => name === 'HighMem' && present !== managed);
}

function vmallocKib({ vmalloc }: Layout): number {
  return Number((vmalloc.end - vmalloc.start) >> 10n);
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

/** RAM and what the kernel has of it; the rest is devices of the tree, and what early boot reserved on arm64. */
function iomem({ iomem: captured }: ArmMachine, layout: Layout): Prediction {
  const pad = (address: bigint): string => address.toString(16).padStart(8, '0');
  const lines = physicalResources(layout).map(
    ({ startByte, endByte, name, depth }) =>
      `${'  '.repeat(depth)}${pad(startByte)}-${pad(endByte - 1n)} : ${name}`,
  );
  const isOurs = (line: string): boolean => /: (System RAM|Kernel (code|data))$/.test(line);
  return {
    predicted: { iomem: lines },
    captured: { iomem: captured.filter(isOurs) },
    left: Object.fromEntries(
      captured.filter((line) => !isOurs(line)).map((line) => [line, 'devices of the tree']),
    ),
  };
}

/** All RAM that the kernel keeps; what is reserved in it depends on every early allocation. */
function memblock({ memblock: { memory } }: ArmMachine, layout: Layout): Prediction {
  const ranges = physicalResources(layout).filter(({ name }) => name === 'System RAM');
  const digits = layout.arch.physAddrBytes * 2;
  const pad = (address: bigint): string => `0x${address.toString(16).padStart(digits, '0')}`;
  const lines = ranges.map(
    ({ startByte, endByte }, i) => `${String(i).padStart(4)}: ${pad(startByte)}..${pad(endByte - 1n)}`,
  );
  return { predicted: { memory: lines }, captured: { memory }, left: { reserved: FRAMES } };
}

/** The variables of adjust_lowmem_bounds(), each of the two times that it runs. */
function bounds({ lowmem_bounds = [], ...machine }: ArmMachine, layout: Layout): Prediction {
  const { pageOffset, physicalBase } = layout;
  const vmallocEnd = layout.vmalloc.end;
  const vmallocBytes = vmallocSize(
    { pageOffset, vmallocEnd },
    armOptions(machine as ArmMachine).vmallocBytes as bigint | undefined,
  );
  const ram = physicalResources(layout)
    .filter(({ name }) => name === 'System RAM')
    .map(({ startByte, endByte }) => ({ start: startByte, end: endByte }));
  const ours = lowmemBounds(ram, { pageOffset, physicalBase, vmallocBytes, vmallocEnd });
  const row = {
    vmalloc_size: hex(vmallocBytes),
    vmalloc_limit: hex(ours.vmallocLimit),
    arm_lowmem_limit: hex(ours.lowmemLimit),
    memblock_limit: hex(ours.memblockLimit),
    high_memory: hex(layout.highMemory),
    dram_start: hex(physicalBase),
    PMD_SIZE: '0x200000',
  };
  return {
    predicted: { lowmem_bounds: lowmem_bounds.map(() => row) },
    captured: { lowmem_bounds: lowmem_bounds.map(({ dram_end: _, ...rest }) => rest) },
    left: { dram_end: 'as memblock_end_of_DRAM, and before that what is cut off without high memory' },
  };
}

/** What each zone reaches, as the boot log has it. */
function dmesg({ dmesg_memory_lines }: ArmMachine, layout: Layout): Prediction {
  const isZone = (line: string): boolean => /^ {2}(DMA|DMA32|Normal|HighMem) +\[mem/.test(line);
  const lines = dmesg_memory_lines.map((line) => line.replace(/^\[ *[\d.]+\] ?/, ''));
  const bytes = 2 ** layout.pageShift;
  const pad = (address: number): string => `0x${address.toString(16).padStart(16, '0')}`;
  const ours = layout.zones.map(
    ({ name, startPfn, spannedPages }) =>
      `  ${name.padEnd(8)} [mem ${pad(startPfn * bytes)}-${pad((startPfn + spannedPages) * bytes - 1)}]`,
  );
  return {
    predicted: { zones: ours },
    captured: { zones: lines.filter(isZone) },
    left: { others: 'sizes of the build, of the RAM disk and of early tables' },
  };
}

/** What the dump shows of the parts that the layout decides: ranges, and who may do what in them. */
const DUMPED: Readonly<Record<string, 'start'>> = {
  'Kernel Mapping': 'start',
  'FDT Area': 'start',
  Vectors: 'start',
};

function markers({ markers: captured }: ArmMachine, layout: Layout): Prediction {
  const parts = captured.filter(({ name }) => name in DUMPED);
  const rows = parts.map(({ name, ranges }) => [
    name,
    ranges.map(({ start, end, attr }) => [start, end, rights(attr)]),
  ]);
  const starts: Readonly<Record<string, bigint>> = {
    'Kernel Mapping': layout.pageOffset,
    'FDT Area': layout.vmalloc.end,
    Vectors: regionOfKind(layout, 'vectors')?.start ?? 0n,
  };
  const ours = parts.map(({ name }) => {
    const from = starts[name]!;
    const to =
      Object.values(starts)
        .filter((start) => start > from)
        .sort((a, b) => (a < b ? -1 : 1))[0] ?? 1n << 32n;
    return [name, mappedRows(layout, from, to)];
  });
  return {
    predicted: Object.fromEntries(ours),
    captured: Object.fromEntries(rows),
    left: Object.fromEntries(
      captured.filter(({ name }) => !(name in DUMPED)).map(({ name }) => [name, WINDOWS]),
    ),
  };
}

/** `PGD KERNEL ro x SHD` is a section that may be read and executed. */
function rights(attr: string): string {
  const words = attr.split(' ');
  return [
    words[0] === 'PTE' ? 'PTE' : 'block',
    ...words.filter((word) => /^(USR|RW|ro|x|NX)$/.test(word)),
  ].join(' ');
}

/** Neighbours that are alike are one range. */
function mappedRows(layout: Layout, from: bigint, to: bigint): string[][] {
  const rows: string[][] = [];
  for (const { start, end, pageFrames, writable, executable, user } of kernelMappings(layout)) {
    if (start < from || start >= to) continue;
    const words = [
      pageFrames === 1 ? 'PTE' : 'block',
      user && 'USR',
      writable ? 'RW' : 'ro',
      executable ? 'x' : 'NX',
    ];
    const text = words.filter((word) => word).join(' ');
    const last = rows.at(-1);
    if (last !== undefined && last[1] === hex(start) && last[2] === text) last[1] = hex(end);
    else rows.push([hex(start), hex(end), text]);
  }
  // A pair of entries is looked at once, so that a section that is alone in its pair is shown as two.
  const [start, end, text] = rows.at(-1)!;
  const isPair = layout.arch.translation.levels.length === 2 && text!.startsWith('block');
  const shown = isPair ? hex(alignUp(BigInt(end!), 2n ** 21n)) : end!;
  return [...rows.slice(0, -1), [start!, shown, text!]];
}

/** Walks that end where the layout says what is mapped: the entry's frame and rights, and its bits where all are known. */
const WALKED =
  /^(PAGE_OFFSET|_text|_stext|_etext-1|rodata|kdata|init_begin|high_memory|kmalloc64|mem_map|vectors|FDT|FIXADDR_TOP|earlycon)/;

function walks({ page_table_walks, zones: spans }: ArmMachine, layout: Layout): Prediction {
  // CMA at the top of low memory is mapped once more, in small pages (dma_contiguous_remap).
  const cmaPages = layout.arch.wordBits === 32 ? (spans[0]?.cma ?? 0) : 0;
  const cmaStart = layout.highMemory - BigInt(cmaPages) * 4096n;
  const predicted: Record<string, unknown> = {};
  const captured: Record<string, unknown> = {};
  for (const [index, walk] of page_table_walks.entries()) {
    // On arm64 vmalloc() gives out the page before the image, which _text names.
    if (!WALKED.test(walk.tag) || (layout.arch.wordBits === 64 && walk.tag === '_text')) continue;
    if (BigInt(walk.addr) >= cmaStart && BigInt(walk.addr) < layout.highMemory) continue;
    const name = `${index} ${walk.tag}`;
    captured[name] = walkEnd(layout, walk);
    predicted[name] = mappedAt(layout, BigInt(walk.addr));
  }
  return { predicted, captured, left: { 'other walks': WINDOWS, 'in CMA': 'the machine has no CMA' } };
}

/** The level at which a captured walk ended and its entry, decoded. */
function walkEnd({ arch }: Layout, walk: ArmMachine['page_table_walks'][number]): unknown {
  const entry = leafEntry(walk, arch.translation.levels.length === 2);
  if (entry === 0n) return 'nothing';
  const level = LEAF_BYTES[walk.leaf] === 2 ** arch.pageShift ? arch.translation.levels.length - 1 : 0;
  const largeLevel = level > 0 ? level : arch.translation.levels.length - 2;
  const { pfn, flags } = arch.entries.decode(entry, largeLevel, arch.pageShift);
  const { writable, user, noExecute, global } = flags;
  return { bytes: LEAF_BYTES[walk.leaf], pfn, writable, user, noExecute, global };
}

const LEAF_BYTES: Readonly<Record<string, number>> = {
  '4K': 2 ** 12,
  '16K': 2 ** 14,
  '64K': 2 ** 16,
  '1M': 2 ** 20,
  '2M': 2 ** 21,
};

/** The hardware's word: of a pair the one that the address chooses; of small pages Linux's is told beside it. */
function leafEntry(walk: ArmMachine['page_table_walks'][number], isShort: boolean): bigint {
  if (walk.leaf === 'none') return 0n;
  if (!isShort) return BigInt(Object.entries(walk).findLast(([key]) => key.includes('['))![1]);
  if (walk.leaf === '4K') return BigInt(walk.hwpte!);
  return BigInt((BigInt(walk.addr) >> 20n) % 2n === 0n ? walk.pmd_even! : walk.pmd_odd!);
}

function mappedAt(layout: Layout, address: bigint): unknown {
  const found = kernelMappings(layout).find(({ start, end }) => start <= address && address < end);
  if (found === undefined) return 'nothing';
  const { start, pfn, pageFrames, writable, executable, user = false } = found;
  const bytes = pageFrames * 2 ** layout.pageShift;
  const page = Number((address - start) / BigInt(bytes)) * pageFrames;
  return {
    bytes,
    pfn: pfn === undefined ? expectAnyFrame : pfn + page,
    writable,
    user,
    noExecute: !executable,
    global: true,
  };
}

/** For entries of frames that boot took from anywhere. */
const expectAnyFrame = { asymmetricMatch: (found: unknown): boolean => typeof found === 'number' };

/** virt_to_phys(), virt_addr_valid() and is_vmalloc_addr() at every edge. */
function conversions({ conversions: captured }: ArmMachine, layout: Layout): Prediction {
  const rows = captured.filter(({ va }) => va !== undefined);
  const theirs = rows.map(({ kind, virt_to_phys, virt_addr_valid, is_vmalloc }) => ({
    ...{ kind, virt_to_phys, virt_addr_valid, is_vmalloc },
  }));
  const ours = rows.map(({ kind, va, virt_to_phys, virt_addr_valid, is_vmalloc }) => ({
    kind,
    virt_to_phys: virt_to_phys && hex(pa(layout, BigInt(va!))),
    virt_addr_valid: virt_addr_valid === undefined ? undefined : Number(virtAddrValid(layout, BigInt(va!))),
    is_vmalloc: is_vmalloc === undefined ? undefined : Number(isVmallocAddress(layout, BigInt(va!))),
  }));
  return { predicted: { conversions: ours }, captured: { conversions: theirs } };
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

function reasons(keys: string, reason: string): Record<string, string> {
  return Object.fromEntries(keys.split(' ').map((key) => [key, reason]));
}

export const ARM_PREDICTIONS: Readonly<Record<string, ArmPredict | string>> = {
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
  high_total_kb: ({ high_total_kb, ...machine }, layout) =>
    isHighReserved(machine)
      ? { predicted: {}, captured: {}, left: { high_total_kb: HIGH_RESERVED } }
      : {
          predicted: { high_total_kb: layout.highstartPfn === undefined ? null : highKib(layout) },
          captured: { high_total_kb },
        },
  vmalloc_total_kb: ({ vmalloc_total_kb }, layout) => ({
    predicted: { vmalloc_total_kb: vmallocKib(layout) },
    captured: { vmalloc_total_kb },
  }),
  iomem,
  memblock,
  lowmem_bounds: bounds,
  dmesg_memory_lines: dmesg,
  markers,
  page_table_walks: walks,
  conversions,
  init,
  ...reasons('low_total_kb mem_total_kb', MANAGED),
  ...reasons('meminfo_end_kb markers_after buddyinfo_after_vm buddyinfo_end vmallocinfo_after', LATER),
  ioports: 'devices',
  ...reasons('buddyinfo_boot buddyinfo pagetypeinfo freelists buddy_snapshots', PAGES),
  ...reasons('alloc_pages alloc_seq alloc_seq_after_free', PAGES),
  ...reasons('zone_fallback zone_fallback_state zone_fallback_total', PAGES),
  ...reasons('cma_area cma_state cma_alloc cma_alloc_after_release cma_run cma_total', PAGES),
  ...reasons('kmalloc kmalloc_caches kmalloc_lifo slabs slabinfo', SLAB),
  ...reasons('vmallocinfo vmalloc vmalloc_area_only vmalloc_pages vmalloc_reuse vm_after_purge', WINDOWS),
  ...reasons('vmap_exhaust vmap_exhaust_result vmalloc_exhaust vmalloc_exhaust_result', WINDOWS),
  ...reasons(
    'ioremap ioremap_twice ioremap_again_after_iounmap ioremap_pfn vmarea_align walk_skipped',
    WINDOWS,
  ),
  ...reasons('module_alloc module_exhaust module_exhaust_result', WINDOWS),
  ...reasons('kmap kmap_result kmap_again_while_mapped kmap_again_after_kunmap kmap_checks', WINDOWS),
  ...reasons(
    'kmap_local kmap_local_page kmap_local_fresh_block kmap_local_fresh kmap_local_fresh_reuse',
    WINDOWS,
  ),
  kmap_atomic: WINDOWS,
  ...reasons('thp thp_enabled thp_smaps thp_meminfo thp_vmstat thp_buddyinfo', 'huge pages of a program'),
  userspace: PROGRAMS,
};
