/**
 * The options of a machine, a row each: the same name as a flag of the command line (`--nr-cpus 16`), in a lane
 * (`linux-3g1g:nr-cpus=16`) and, in camel case, in the JSON of a run (`"nrCpus": 16`).
 */
import { cmaOption, isKernelVersion, MMU_PRESETS, THP_MODES, type ThpMode } from '../../core/index.ts';
import { MOST_OF_SETTING, THP_DEFRAG_MODES, type ThpDefrag } from '../../core/thp/settings.ts';
import {
  choice,
  count,
  LIMIT,
  oneOf,
  SIZE,
  SIZE_OR_ZERO,
  type SpecValue,
  SWITCH,
  type ValueKind,
  word,
} from './values.ts';

/** What may be said of a machine beside its layout. Sizes are bytes. */
export interface MachineSpec {
  readonly ram?: number;
  readonly cpus?: number;
  readonly onlineCpus?: number;
  readonly nrCpus?: number;
  readonly vmalloc?: number;
  readonly highmem?: number;
  readonly nopse?: boolean;
  readonly nopge?: boolean;
  /** A version of Linux: `2.6.31`. */
  readonly kernel?: string;
  /** A file. */
  readonly memoryMap?: string;
  /** Memory for contiguous buffers, as the boot option cma= has it: `64M`, `64M@0x40000000`. */
  readonly cma?: string;
  /** Bounce buffers, in slots of 2 KiB. */
  readonly swiotlb?: number;
  readonly reclaim?: boolean;
  readonly swap?: number;
  readonly thp?: ThpMode;
  readonly thpDefrag?: ThpDefrag;
  /** Of khugepaged: as the files under /sys call it. */
  readonly scanSleepMillisecs?: number;
  readonly pagesToScan?: number;
  readonly maxPtesNone?: number;
  readonly maxPtesSwap?: number;
  readonly maxPtesShared?: number;
  /** Bytes that a read fault of a file maps at most. */
  readonly faultAround?: number;
  /** Bytes that a fault reads of a file at most. */
  readonly readahead?: number;
  readonly stackLimit?: number | 'unlimited';
  readonly legacyVaLayout?: boolean;
  /** Settings, or a file with them (mmu-settings.ts). */
  readonly mmu?: string;
  readonly fromSnapshot?: boolean;
  /** Word size of the kernel that was recorded, in bits. */
  readonly scaleKernelObjects?: 32 | 64;
}

/** `layout`: moves the address space; `machine`: what runs in it. */
type OptionGroup = 'layout' | 'machine';

export interface MachineOption<K extends keyof MachineSpec = keyof MachineSpec> {
  readonly key: K;
  /** Its name on the command line and in a lane. */
  readonly flag: string;
  readonly group: OptionGroup;
  readonly kind: ValueKind<NonNullable<MachineSpec[K]>>;
  /** What stands for the value in the help; a switch has none. */
  readonly metavar?: string;
  readonly doc: string;
}

const MOST_CPUS = 512;
/** Of the largest huge page that a machine can have, 4 MiB; those of 2 MiB have half of it (core/thp/settings.ts). */
const MOST_PTES = 1024;
/** 4 GiB, below which they all have to lie. */
const MOST_SLOTS = 2 ** 21;

/** A version of Linux that vmsplit knows. */
const KERNEL: ValueKind<string> = {
  ...word('a version of Linux from 2.6.0 to 7.x, such as 2.6.31, 4.19 or 6.12'),
  parse: (text) => (isKernelVersion(text) ? text : undefined),
};

/** As boot options write it. */
const CMA: ValueKind<string> = {
  ...word(
    'a size such as 64M or 0, with where it may lie behind it: 64M@0x40000000, 64M@0x40000000-0x60000000',
  ),
  parse: (text) => (cmaOption(text) === undefined ? undefined : text),
};

function row<K extends keyof MachineSpec>(
  key: K,
  group: OptionGroup,
  kind: ValueKind<NonNullable<MachineSpec[K]>>,
  doc: string,
  metavar?: string,
): MachineOption {
  const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  // A kind takes back only what it gave: the table is of the union of all rows.
  const general = kind as unknown as MachineOption['kind'];
  return { key, flag, group, kind: general, doc, ...(metavar !== undefined && { metavar }) };
}

export const MACHINE_OPTIONS: readonly MachineOption[] = [
  row('ram', 'layout', SIZE, 'amount of RAM (default: 1G)', 'size'),
  row(
    'cpus',
    'layout',
    count(1, MOST_CPUS),
    'cpus present (default: 1, or as many as the workload was made for)',
    'n',
  ),
  row(
    'onlineCpus',
    'layout',
    count(1, MOST_CPUS),
    'of those present, cpus that the kernel has started, as with maxcpus= (default: all, or as the boot log of --memory-map tells)',
    'n',
  ),
  row(
    'nrCpus',
    'layout',
    count(1, MOST_CPUS),
    'cpus that the kernel is built for; 1: without SMP (default: 8, or --cpus if that is more)',
    'n',
  ),
  row('vmalloc', 'layout', SIZE, 'boot option vmalloc= of a 32-bit kernel', 'size'),
  row('highmem', 'layout', SIZE_OR_ZERO, 'boot option highmem= of a 32-bit kernel', 'size'),
  row('nopse', 'layout', SWITCH, 'boot option nopse of an x86 kernel: it maps no large pages'),
  row('nopge', 'layout', SWITCH, 'boot option nopge of an x86 kernel: its pages are not global in the TLBs'),
  row(
    'kernel',
    'layout',
    KERNEL,
    'version of the Linux kernel, 2.6.0 to 7.x (default: 6.1, or that of the boot log that --memory-map names)',
    'version',
  ),
  row(
    'memoryMap',
    'layout',
    word('the name of a file'),
    'RAM as in this /proc/iomem (read as root) or boot log, may be gzipped, instead of --ram',
    'file',
  ),
  row(
    'cma',
    'machine',
    CMA,
    'boot option cma=: memory for contiguous buffers (default: none, or that of the boot log that --memory-map names)',
    'size',
  ),
  row(
    'swiotlb',
    'machine',
    count(1, MOST_SLOTS),
    'boot option swiotlb=: bounce buffers, in slots of 2 KiB, of a kernel with RAM above 4 GiB (default: 32768, or that of the boot log that --memory-map names)',
    'slots',
  ),
  row(
    'reclaim',
    'machine',
    SWITCH,
    'reclaim pages when memory runs short, and kill processes when that does not help',
  ),
  row('swap', 'machine', SIZE_OR_ZERO, 'size of the swap area; implies --reclaim', 'size'),
  row(
    'thp',
    'machine',
    choice(THP_MODES),
    'transparent huge pages: wherever they fit, where madvise(MADV_HUGEPAGE) asks for them, or never (default)',
    'mode',
  ),
  row(
    'thpDefrag',
    'machine',
    choice(THP_DEFRAG_MODES),
    'transparent_hugepage/defrag: who waits until a huge page is free, of machines that reclaim (default: madvise)',
    'mode',
  ),
  row(
    'scanSleepMillisecs',
    'machine',
    count(1, MOST_OF_SETTING),
    'khugepaged/scan_sleep_millisecs: how long khugepaged sleeps after each look (default: 10000)',
    'ms',
  ),
  row(
    'pagesToScan',
    'machine',
    count(1, MOST_OF_SETTING),
    'khugepaged/pages_to_scan: pages that it looks at each time (default: those of eight huge ones)',
    'n',
  ),
  row(
    'maxPtesNone',
    'machine',
    count(0, MOST_PTES - 1),
    'khugepaged/max_ptes_none: pages of a huge one that need not be there for it to be made (default: all but one)',
    'n',
  ),
  row(
    'maxPtesSwap',
    'machine',
    count(0, MOST_PTES - 1),
    'khugepaged/max_ptes_swap: of them, pages that may be in the swap area (default: an eighth)',
    'n',
  ),
  row(
    'maxPtesShared',
    'machine',
    count(0, MOST_PTES - 1),
    'khugepaged/max_ptes_shared: of them, pages that other processes may map too (default: a half)',
    'n',
  ),
  row(
    'faultAround',
    'machine',
    SIZE_OR_ZERO,
    'fault_around_bytes: what a read fault of a file maps of it at once, as far as it is cached; Linux has 64K (default: 0, one page a fault)',
    'size',
  ),
  row(
    'readahead',
    'machine',
    SIZE_OR_ZERO,
    'read_ahead_kb of the disk: what is read of a file at once, at most; Linux has 128K (default: 0, its page)',
    'size',
  ),
  row('stackLimit', 'machine', LIMIT, 'RLIMIT_STACK of the programs, or `unlimited` (default: 8M)', 'size'),
  row(
    'legacyVaLayout',
    'machine',
    SWITCH,
    'mappings go upwards from a third of user space, as with vm.legacy_va_layout=1',
  ),
  row(
    'mmu',
    'machine',
    {
      ...word('settings such as skylake,kpti=on, or the name of a JSON file'),
      suggestions: Object.keys(MMU_PRESETS),
    },
    `another MMU: ${Object.keys(MMU_PRESETS).join(', ')}, and KEY=VALUE, with commas between them, or FILE.json`,
    'settings',
  ),
  row(
    'fromSnapshot',
    'machine',
    SWITCH,
    'begin with the free blocks of the kernel that the trace was recorded on (import --snapshot)',
  ),
  row(
    'scaleKernelObjects',
    'machine',
    oneOf([32, 64]),
    'word size of the kernel that was recorded, 32 or 64: under layouts of the other, sizes of kmalloc (up to two pages) and of slab caches are doubled or halved (default: as recorded)',
    'bits',
  ),
];

/** A swap area is for whoever reclaims, unless it is said that nobody does. */
export function reclaims({ reclaim, swap = 0 }: MachineSpec): boolean {
  return reclaim ?? swap > 0;
}

/** What is given, in the order of the table. */
export function givenOptions(machine: MachineSpec): [MachineOption, SpecValue][] {
  return MACHINE_OPTIONS.flatMap((option): [MachineOption, SpecValue][] => {
    const value = machine[option.key];
    return value === undefined ? [] : [[option, value]];
  });
}

/** Only what describes the machine, of arguments that have more. */
export function machineOf(given: MachineSpec): MachineSpec {
  return Object.fromEntries(givenOptions(given).map(([{ key }, value]) => [key, value]));
}

/** A value as people type it. */
export function optionText({ kind }: MachineOption, value: SpecValue): string {
  return kind.text(value as never);
}

export function isSwitch({ metavar }: MachineOption): boolean {
  return metavar === undefined;
}
