/** The machine of a capture as it was when the program began: its layout, zones, marks, free blocks, swap area and knobs. */
import {
  buildLayout,
  type Layout,
  layoutNameOf,
  type MachineOptions,
  type MemoryReport,
  readMemoryReport,
  reportOptions,
  UsageError,
} from '../../../core/index.ts';
import type { InitialZoneMemory } from '../../../core/phys/initial-memory.ts';
import {
  MOST_OF_SETTING,
  type ThpDefrag,
  type ThpMode,
  type ThpOptions,
} from '../../../core/thp/settings.ts';
import {
  initialMemory,
  initialStateFrom,
  type ProcSection,
  parseZoneinfo,
  type ZoneinfoZone,
} from '../../../traces/index.ts';
import { markNamed, type PressureCapture } from './capture.ts';
import { capturedCosts, diskCosts } from './costs.ts';
import type { DumpedMark } from './dumps.ts';

export interface PressureMachine {
  readonly layout: Layout;
  readonly options: MachineOptions;
}

const KIB = 1024;
/** fault_around_bytes of mm/memory.c and VM_READAHEAD_PAGES of include/linux/mm.h, v6.1. */
const FAULT_AROUND_BYTES = 64 * KIB;
const READAHEAD_BYTES = 128 * KIB;

export function pressureMachine(capture: PressureCapture): PressureMachine {
  const begin = markNamed(capture.dumps, capture.script.begin, capture.name);
  const knob = (name: string): number | undefined => {
    const text = capture.dumps.files.get(`/proc/sys/vm/${name}`);
    return text === undefined ? undefined : Number.parseInt(text, 10);
  };
  const [swappiness, pageCluster] = [knob('swappiness'), knob('page-cluster')];
  return {
    layout: layoutOf(capture),
    options: {
      memory: memoryOf(begin, capture.name),
      reclaim: {
        swapBytes: swapBytesOf(begin),
        ...(swappiness !== undefined && { swappiness }),
        ...(pageCluster !== undefined && { pageCluster }),
      },
      costs: capturedCosts(capture.trace),
      ...thpOf(capture),
      faultAroundBytes: FAULT_AROUND_BYTES,
      readaheadBytes: READAHEAD_BYTES,
    },
  };
}

/** The same machine with a disk that is so many times as fast. */
export function withDisk({ layout, options }: PressureMachine, speed: number): PressureMachine {
  return { layout, options: { ...options, costs: { ...options.costs, ...diskCosts(speed) } } };
}

/** Where the trace tells when khugepaged looked it is told to then, and does not by itself. */
const NEVER_MS = MOST_OF_SETTING;
const THP = '/sys/kernel/mm/transparent_hugepage';

/** Huge pages as the administrator has set them: of the words of a file the one in brackets. */
function thpOf({ dumps: { files }, trace }: PressureCapture): { readonly thp?: ThpOptions } {
  const chosen = (name: string): string | undefined =>
    /\[(\S+)\]/.exec(files.get(`${THP}/${name}`) ?? '')?.[1];
  const mode = chosen('enabled');
  if (mode === undefined || mode === 'never') return {};
  const number = (name: string): number | undefined => {
    const text = files.get(`${THP}/khugepaged/${name}`);
    return text === undefined ? undefined : Number.parseInt(text, 10);
  };
  const isTold = trace.includes(': mm_khugepaged_scan_pmd: ');
  const scanSleepMs = isTold ? NEVER_MS : number('scan_sleep_millisecs');
  const pagesToScan = number('pages_to_scan');
  const defrag = chosen('defrag') as ThpDefrag | undefined;
  return {
    thp: {
      mode: mode as ThpMode,
      ...(defrag !== undefined && { defrag }),
      ...(scanSleepMs !== undefined && { scanSleepMs }),
      ...(pagesToScan !== undefined && { pagesToScan }),
    },
  };
}

/** By the boot log, or where its beginning is lost by /proc/iomem and what the kernel says of itself. */
function layoutOf({ name, dumps, bootLog, given }: PressureCapture): Layout {
  const cpus = (dumps.files.get('/proc/cpuinfo') ?? '').match(/^processor\t/gm)?.length ?? 1;
  const isLa57 = / la57\b/.test(dumps.files.get('/proc/cpuinfo') ?? '') && !given.lists.has('no5lvl');
  const told = readMemoryReport(bootLog === '' ? ' ' : bootLog);
  const own = layoutNameOf(told);
  const report =
    own === undefined ? { ...iomemReport(name, dumps.files.get('/proc/iomem')), nrCpus: told.nrCpus } : told;
  const highmem = sizeOf(given.lists.get('highmem'));
  const layout = own ?? nameOf(dumps.files.get('/proc/version') ?? '', name);
  return buildLayout(layout === 'linux-x86_64' && isLa57 ? 'linux-x86_64-la57' : layout, {
    ...reportOptions(report),
    cpus,
    ...(highmem !== undefined && { highmemBytes: highmem }),
  });
}

function iomemReport(name: string, iomem: string | undefined): MemoryReport {
  if (iomem === undefined)
    throw new UsageError(
      `${name}: found no whole boot log and no /proc/iomem, expected one to know the RAM by`,
    );
  return readMemoryReport(iomem.trim());
}

/** By the flavour in the release, as Debian names them. */
function nameOf(version: string, name: string): string {
  if (/-amd64\b|x86_64/.test(version)) return 'linux-x86_64';
  if (/686-pae/.test(version)) return 'linux-3g1g-pae';
  if (/686\b|i386/.test(version)) return 'linux-3g1g';
  throw new UsageError(
    `${name}: found kernel '${version.trim()}', expected one of x86 (amd64, 686, 686-pae)`,
  );
}

/** As boot options write sizes. */
function sizeOf(text: string | undefined): bigint | undefined {
  const [, digits, unit] = /^(\d+)([KMG]?)$/i.exec(text ?? '') ?? [];
  if (digits === undefined) return undefined;
  return BigInt(digits) << BigInt({ '': 0, K: 10, M: 20, G: 30 }[unit!.toUpperCase()]!);
}

const REPORTS = ['zoneinfo', 'buddyinfo', 'pagetypeinfo'];

function memoryOf({ files }: DumpedMark, name: string): InitialZoneMemory[] {
  const reports = REPORTS.flatMap((report): ProcSection[] => {
    const text = files.get(`/proc/${report}`)?.trimEnd();
    return text === undefined
      ? []
      : [{ label: undefined, name: report, text, place: { file: name, firstLine: 1 } }];
  });
  const zones = parseZoneinfo(files.get('/proc/zoneinfo')?.trimEnd() ?? '');
  return initialMemory(initialStateFrom(reports, name)).map((memory) => {
    const { marks } = memory;
    const zone = zones.find((one) => one.zone === memory.zone);
    return marks === undefined || zone === undefined
      ? memory
      : { ...memory, marks: { ...marks, ...limits(zone, zones) } };
  });
}

/** Reserves and limits of per-cpu lists, of which all cpus have the same. */
function limits({ protection, pagesets }: ZoneinfoZone, zones: readonly ZoneinfoZone[]) {
  const [cpu] = pagesets;
  return {
    lowmemReserve: Object.fromEntries(zones.map(({ zone }, rank) => [zone, protection[rank] ?? 0])),
    ...(cpu && { pcp: { batch: cpu.batch, high: cpu.high } }),
  };
}

/** /proc/swaps counts what can be used; the first page of the area is its header. */
function swapBytesOf({ files }: DumpedMark): bigint {
  const [, ...areas] = (files.get('/proc/swaps') ?? '').trim().split('\n');
  const kib = areas.reduce((sum, line) => sum + Number(line.split(/\s+/)[2] ?? 0), 0);
  return kib === 0 ? 0n : BigInt((kib + 4) * KIB);
}
