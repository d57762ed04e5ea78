/**
 * What a layout says about each key of an oracle machine, beside what the machine said; or why it says nothing.
 *
 * Every key of a machine is in `PREDICTIONS`: a new one makes the test fail until someone decides what it is.
 */
import {
  directMapPages,
  kernelConstants,
  type Layout,
  mmapLegacyBase,
  physicalResources,
} from '../../../core/layout/catalog/index.ts';
import type { OracleMachine } from '../../captures/oracle-machine.ts';
import { markers, walks } from './dump-predictions.ts';
import { FRAMES, hex, type Predict, type Prediction, WINDOWS } from './prediction.ts';

const INPUT = 'says which machine it is';
const PAGES = "the page allocator's: core/phys";
const MANAGED = 'what boot leaves to the page allocator: depends on everything that was allocated before';
const SLAB = 'the slab allocator: core/phys';
const PROGRAMS = 'programs, their files and arguments';
const STRUCTS = 'C structures of the build, not of the address space';
const PROCESSOR = 'the processor, not the layout';

/** A figure that the machine gives beside `consts` too: a 0x string, a number, or null. */
function constant(key: keyof OracleMachine, name: string): Predict {
  return (machine, layout) => {
    const value = kernelConstants(layout)[name];
    const captured = machine[key];
    const asCaptured = typeof captured === 'number' ? Number(value) : value === undefined ? null : hex(value);
    return { predicted: { [key]: asCaptured }, captured: { [key]: captured } };
  };
}

const CONSTANTS = Object.fromEntries(
  (
    [
      ['page_offset', 'PAGE_OFFSET'],
      ['vmalloc_start', 'VMALLOC_START'],
      ['vmalloc_end', 'VMALLOC_END'],
      ['pkmap_base', 'PKMAP_BASE'],
      ['last_pkmap', 'LAST_PKMAP'],
      ['fixaddr_start', 'FIXADDR_START'],
      ['fixaddr_top', 'FIXADDR_TOP'],
      ['fixaddr_tot_start', 'FIXADDR_TOT_START'],
      ['high_memory', 'high_memory'],
      ['maxmem', 'MAXMEM'],
      ['task_size', 'TASK_SIZE'],
      ['task_size_max', 'TASK_SIZE_MAX'],
      ['modules_vaddr', 'MODULES_VADDR'],
      ['modules_end', 'MODULES_END'],
      ['cpu_entry_area_base', 'CPU_ENTRY_AREA_BASE'],
      ['ldt_base_addr', 'LDT_BASE_ADDR'],
      ['page_offset_base', 'page_offset_base'],
      ['vmalloc_base', 'vmalloc_base'],
      ['vmemmap_base', 'vmemmap_base'],
      ['start_kernel_map', '__START_KERNEL_map'],
      ['max_low_pfn', 'max_low_pfn'],
      ['max_pfn', 'max_pfn'],
      ['highstart_pfn', 'highstart_pfn'],
      ['highend_pfn', 'highend_pfn'],
    ] as [keyof OracleMachine, string][]
  ).map(([key, name]) => [key, constant(key, name)]),
);

const CONSTS_LEFT: Readonly<Record<string, string>> = {
  totalram_pages: MANAGED,
  totalhigh_pages: 'checked as high_total_kb',
  min_free_kbytes: `follows from ${MANAGED}`,
  mem_map_or_vmemmap_pfn0: `mem_map of 32 bits: ${FRAMES}, below the initial RAM disk`,
  sizeof_task_struct: STRUCTS,
  sizeof_mm_struct: STRUCTS,
  sizeof_vm_area_struct: STRUCTS,
  MAX_ORDER: PAGES,
  pageblock_order: PAGES,
  MIGRATE_PCPTYPES: PAGES,
  MIGRATE_TYPES: PAGES,
  KMALLOC_MAX_SIZE: SLAB,
  KMALLOC_MAX_CACHE_SIZE: SLAB,
  KMALLOC_MIN_SIZE: SLAB,
  ARCH_KMALLOC_MINALIGN: SLAB,
  cache_line_size: PROCESSOR,
  cr0: PROCESSOR,
  cr3: FRAMES,
  cr4: PROCESSOR,
  cpu_pse: PROCESSOR,
  cpu_pge: PROCESSOR,
  cpu_pae: PROCESSOR,
  cpu_nx: PROCESSOR,
  cpu_gbpages: PROCESSOR,
  current_task: FRAMES,
  current_stack: FRAMES,
  mm_pgd: FRAMES,
};

function consts({ consts: captured }: OracleMachine, layout: Layout): Prediction {
  const predicted = Object.entries(kernelConstants(layout)).map(([name, value]) => [name, hex(value)]);
  const known = Object.fromEntries(predicted);
  const left = Object.entries(CONSTS_LEFT).filter(([name]) => name in captured && !(name in known));
  const isPredicted = ([name]: [string, string]): boolean => !left.some(([other]) => other === name);
  // Without high memory the probe still prints where the kmap area would be, and nothing of its slots.
  return {
    predicted: known,
    captured: Object.fromEntries(Object.entries(captured).filter(isPredicted)),
    left: Object.fromEntries(left),
  };
}

/** Zones, present ones and empty ones, whenever they were looked at. */
function zones({ zones: captured }: OracleMachine, layout: Layout): Prediction {
  const rows = captured.map(({ name, start_pfn, spanned, present }) => ({
    name,
    start_pfn,
    spanned,
    present,
  }));
  return { predicted: { zones: zoneRows(layout) }, captured: { zones: rows }, left: { managed: MANAGED } };
}

function zoneRows({ zones }: Layout) {
  return zones.map(({ name, startPfn, spannedPages, presentPages }) => ({
    name: name as string,
    start_pfn: startPfn,
    spanned: spannedPages,
    present: presentPages,
  }));
}

function emptyZones({ zones_empty }: OracleMachine, layout: Layout): Prediction {
  const { arch, highstartPfn, zones } = layout;
  const all = arch.wordBits === 64 ? ['DMA', 'DMA32', 'Normal'] : ['DMA', 'Normal'];
  if (highstartPfn !== undefined) all.push('HighMem');
  const present = zones.map(({ name }) => name as string);
  const empty = [...all, 'Movable'].filter((name) => !present.includes(name));
  return { predicted: { zones_empty: empty }, captured: { zones_empty } };
}

function zoneSnapshots({ zone_snapshots }: OracleMachine, layout: Layout): Prediction {
  const rows = zone_snapshots.map(({ name, start_pfn, spanned, present }) => ({
    name,
    start_pfn,
    spanned,
    present,
  }));
  const predicted = rows.map(({ name }) => zoneRows(layout).find((zone) => zone.name === name));
  return { predicted: { zone_snapshots: predicted }, captured: { zone_snapshots: rows } };
}

function meminfo({ meminfo_kb }: OracleMachine, layout: Layout): Prediction {
  const { vmalloc, zones } = layout;
  const high = zones.find(({ name }) => name === 'HighMem')?.presentPages ?? 0;
  const predicted: Record<string, number> = {
    VmallocTotal: Number((vmalloc.end - (layout.arch.wordBits === 64 ? 1n : 0n) - vmalloc.start) >> 10n),
    ...(layout.highstartPfn !== undefined && { HighTotal: high * 4 }),
    ...Object.fromEntries(
      directMapPages(layout).map(({ name, pages, pageBytes }) => [name, (pages * pageBytes) / 1024]),
    ),
  };
  const isPredicted = ([name]: [string, number]): boolean =>
    name in predicted || name.startsWith('DirectMap') || name === 'HighTotal';
  const left = Object.entries(meminfo_kb).filter((entry) => !isPredicted(entry));
  return {
    predicted,
    captured: Object.fromEntries(Object.entries(meminfo_kb).filter(isPredicted)),
    left: Object.fromEntries(left.map(([name]) => [name, 'what runs, and how much boot took'])),
  };
}

function e820({ e820: captured }: OracleMachine, { physical }: Layout): Prediction {
  const pad = (address: bigint): string => address.toString(16).padStart(16, '0');
  const ranges = physical.filter(({ name }) => name === 'System RAM' || name === 'Reserved');
  const lines = ranges
    .toSorted((a, b) => Number(a.start - b.start))
    .map(({ start, end, name }) => {
      const type = name === 'Reserved' ? 'reserved' : 'usable';
      return `BIOS-e820: [mem 0x${pad(start)}-0x${pad(end - 1n)}] ${type}`;
    });
  return { predicted: { e820: lines }, captured: { e820: captured } };
}

function iomem({ iomem: captured }: OracleMachine, layout: Layout): Prediction {
  const pad = (address: bigint): string => address.toString(16).padStart(8, '0');
  const lines = physicalResources(layout).map(
    ({ startByte, endByte, name, depth }) =>
      `${'  '.repeat(depth)}${pad(startByte)}-${pad(endByte - 1n)} : ${name}`,
  );
  return { predicted: { iomem: lines }, captured: { iomem: captured } };
}

/** The lines of the boot log that tell where memory is. */
function dmesg({ dmesg_memory_lines }: OracleMachine, layout: Layout): Prediction {
  const isMap = (line: string): boolean =>
    /^last_pfn = .* max_arch_pfn|^\d+MB (HIGHMEM|LOWMEM) available|^ {2}(mapped )?low ram: |^ {2}(DMA|DMA32|Normal|HighMem) +\[/.test(
      line,
    );
  const others = dmesg_memory_lines.filter((line) => !isMap(line));
  return {
    predicted: { dmesg: memoryLines(layout) },
    captured: {
      dmesg: dmesg_memory_lines.filter(isMap).filter((line, index, all) => all.indexOf(line) === index),
    },
    left: Object.fromEntries(
      others.map((line) => [line, 'sizes of the build, of the RAM disk and of early tables']),
    ),
  };
}

function memoryLines(layout: Layout): string[] {
  const { maxPfn, maxLowPfn, maxMem, highstartPfn, ram } = layout;
  const { wordBits, translation } = layout.arch;
  const archBits = wordBits === 64 ? maxMem.toString(2).length - 1 : translation.entryBytes === 8 ? 36 : 32;
  const last = (pfn: number): string =>
    `last_pfn = 0x${pfn.toString(16)} max_arch_pfn = 0x${(2 ** (archBits - 12)).toString(16)}`;
  const lowEnd = (maxLowPfn * 4096).toString(16).padStart(8, '0');
  const mib = (pages: number): number => Math.floor(pages / 256);
  const firmwareEnd = Number(ram.filter(({ start }) => start < 1n << BigInt(archBits)).at(-1)!.end >> 12n);
  const low = ram.filter(({ end }) => end <= 1n << 32n).at(-1)!;
  return [
    last(firmwareEnd),
    ...(wordBits === 64 && firmwareEnd > 2 ** 20 ? [last(Number(low.end >> 12n))] : []),
    ...(highstartPfn === undefined ? [] : [`${mib(maxPfn - highstartPfn)}MB HIGHMEM available.`]),
    ...(wordBits === 64
      ? []
      : [
          `${mib(maxLowPfn)}MB LOWMEM available.`,
          `  mapped low ram: 0 - ${lowEnd}`,
          `  low ram: 0 - ${lowEnd}`,
        ]),
    ...zoneLines(layout),
  ];
}

/** What each zone reaches, without regard to holes. */
function zoneLines({ zones, maxPfn, maxLowPfn }: Layout): string[] {
  const limits = { DMA: 2 ** 12, DMA32: 2 ** 20, Normal: maxLowPfn, HighMem: maxPfn };
  return zones.map(({ name, startPfn }) => {
    const end = name === 'HighMem' ? maxPfn : Math.min(limits[name], maxLowPfn);
    const address = (byte: number): string => byte.toString(16).padStart(16, '0');
    return `  ${name.padEnd(8)} [mem 0x${address(startPfn * 4096)}-0x${address(end * 4096 - 1)}]`;
  });
}

function mm({ mm: captured }: OracleMachine, layout: Layout): Prediction {
  const { mmap_base, mmap_legacy_base, task_size } = captured[0]!;
  return {
    predicted: {
      mmap_base: hex(layout.mmapBase),
      mmap_legacy_base: hex(mmapLegacyBase(layout)),
      task_size: hex(layout.taskSize),
    },
    captured: { mmap_base, mmap_legacy_base, task_size },
    left: { 'pgd, code, data, brk, start_stack': PROGRAMS },
  };
}

/** High memory is left to the page allocator whole. */
function highTotal({ high_total_kb }: OracleMachine, layout: Layout): Prediction {
  const high = layout.zones.find(({ name }) => name === 'HighMem')?.presentPages ?? 0;
  return { predicted: { high_total_kb: high * 4 }, captured: { high_total_kb } };
}

function vmallocTotal({ vmalloc_total_kb }: OracleMachine, { vmalloc, arch }: Layout): Prediction {
  const end = vmalloc.end - (arch.wordBits === 64 ? 1n : 0n);
  return {
    predicted: { vmalloc_total_kb: Number((end - vmalloc.start) >> 10n) },
    captured: { vmalloc_total_kb },
  };
}

function reasons(keys: string, reason: string): Record<string, string> {
  return Object.fromEntries(keys.split(' ').map((key) => [key, reason]));
}

export const PREDICTIONS: Readonly<Record<string, Predict | string>> = {
  ...CONSTANTS,
  ...reasons('id variant ram_mb qemu_cpu smp extra_cmdline complete kernel_version config cmdline', INPUT),
  consts,
  zones,
  zones_empty: emptyZones,
  zone_snapshots: zoneSnapshots,
  meminfo_kb: meminfo,
  high_total_kb: highTotal,
  vmalloc_total_kb: vmallocTotal,
  e820,
  iomem,
  dmesg_memory_lines: dmesg,
  markers,
  page_table_walks: walks,
  mm,
  ...reasons('low_total_kb mem_total_kb', MANAGED),
  ...reasons('buddyinfo buddyinfo_after_pages buddyinfo_end pagetypeinfo freelists buddy_snapshots', PAGES),
  ...reasons('alloc_pages alloc_seq alloc_seq_after_free buddy_split', PAGES),
  ...reasons('zone_fallback zone_fallback_state zone_fallback_total', PAGES),
  ...reasons('kmalloc kmalloc_caches kmalloc_lifo slab_probe slabs slabinfo', SLAB),
  ...reasons(
    'vmallocinfo vmalloc vmalloc_area_only vmalloc_pages vmalloc_plain_pages vmalloc_reuse',
    WINDOWS,
  ),
  ...reasons('vmap_exhaust vmap_exhaust_result vmalloc_exhaust_result ioremap conversions', WINDOWS),
  ...reasons('kmap kmap_result kmap_again_while_mapped kmap_again_after_kunmap kmap_checks', WINDOWS),
  ...reasons('kmap_local kmap_atomic', WINDOWS),
  userspace: 'programs: tests/core/vm/oracle-programs.test.ts',
};
