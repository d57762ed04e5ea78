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
} from '../../../../core/layout/catalog/index.ts';
import type { OracleMachine } from '../../../captures/oracle-machine.ts';
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
import { markers, walks } from './x86-dump.ts';
import { bootLog, e820, iomem } from './x86-memory.ts';
import { emptyZones, highKib, vmallocKib, vmallocTotal, zoneSnapshots, zones } from './zones.ts';

/** A figure that the machine gives beside `consts` too: a 0x string, a number, or null. */
function constant(key: keyof OracleMachine, name: string): Predict<OracleMachine> {
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

function meminfo({ meminfo_kb }: OracleMachine, layout: Layout): Prediction {
  const predicted: Record<string, number> = {
    VmallocTotal: vmallocKib(layout),
    ...(layout.highstartPfn !== undefined && { HighTotal: highKib(layout) }),
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

export const PREDICTIONS: Predictions<OracleMachine> = {
  ...ELSEWHERE,
  ...CONSTANTS,
  ...reasons('id variant ram_mb qemu_cpu smp extra_cmdline complete kernel_version config cmdline', INPUT),
  consts,
  zones,
  zones_empty: emptyZones,
  zone_snapshots: zoneSnapshots,
  meminfo_kb: meminfo,
  high_total_kb: ({ high_total_kb }, layout) => ({
    predicted: { high_total_kb: highKib(layout) },
    captured: { high_total_kb },
  }),
  vmalloc_total_kb: vmallocTotal,
  e820,
  iomem,
  dmesg_memory_lines: bootLog,
  markers,
  page_table_walks: walks,
  mm,
  ...reasons('buddyinfo_after_pages buddy_split', PAGES),
  slab_probe: SLAB,
  vmalloc_plain_pages: WINDOWS,
};
