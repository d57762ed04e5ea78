/** What is counted at each step of a program with huge pages, of a machine and of a captured kernel. */
import { countersOf } from '../../../core/index.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { PTE_LARGE, PTE_SPECIAL } from '../../../core/paging/pte.ts';
import { tablesOf } from '../../../core/paging/table-walk.ts';
import { forEachUserPage } from '../../../core/paging/user-pages.ts';
import { type DumpedMark, type Dumps, namedNumbers } from './dumps.ts';

/** Counters of /proc/vmstat by their names there, and sizes in kB, absolute. */
export type StepCounts = Readonly<Record<string, number>>;

const COUNTED = {
  thp_fault_alloc: 'thpFaultAlloc',
  thp_fault_fallback: 'thpFaultFallback',
  thp_zero_page_alloc: 'thpZeroPageAlloc',
  thp_split_pmd: 'thpSplitPmd',
  thp_split_page: 'thpSplitPage',
  thp_deferred_split_page: 'thpDeferredSplitPage',
  thp_collapse_alloc_failed: 'thpCollapseAllocFailed',
  thp_scan_exceed_none_pte: 'thpScanExceedNonePte',
  thp_scan_exceed_swap_pte: 'thpScanExceedSwapPte',
  thp_scan_exceed_share_pte: 'thpScanExceedSharePte',
  thp_collapsed: 'thpPagesCollapsed',
} as const;
export const COUNTED_NAMES: readonly string[] = Object.keys(COUNTED);
/** Of the process: huge pages, pages of memory without a file, page tables. */
export const SIZES = ['AnonHugePages', 'Rss', 'VmPTE'] as const;

const PAGE_KIB = 4;

export function stepCounts(machine: Machine, pid: number): StepCounts {
  const counters = countersOf(machine.counters);
  const counted = Object.entries(COUNTED).map(([name, counter]): [string, number] => [
    name,
    counters[counter],
  ]);
  return { ...Object.fromEntries(counted), ...sizesOf(machine, pid) };
}

function sizesOf(machine: Machine, pid: number): StepCounts {
  const process = machine.records.processes[pid];
  if (process === undefined) return { AnonHugePages: 0, Rss: 0, VmPTE: 0 };
  const { root } = machine.records.mms[process.mm]!;
  let [huge, pages] = [0, 0];
  forEachUserPage(machine, root, (_vpn, pte) => {
    if ((pte & PTE_SPECIAL) !== 0) return;
    pages++;
    if ((pte & PTE_LARGE) !== 0) huge++;
  });
  return {
    AnonHugePages: huge * PAGE_KIB,
    Rss: pages * PAGE_KIB,
    VmPTE: tablesOf(machine, root) * PAGE_KIB,
  };
}

export interface CapturedStep {
  readonly number: number;
  readonly text: string;
  readonly counts: StepCounts;
  /** The process had ended when the counters were read, after its own files. */
  readonly hasEnded: boolean;
}

/**
 * The steps of a capture. Of collapses /proc/vmstat counts only how many huge pages were taken for one, and some of those
 * are lost to whoever changed the pages meanwhile; its trace tells which succeeded.
 */
export function capturedSteps({ steps }: Dumps, trace: string): CapturedStep[] {
  const collapsed = collapsesByStep(trace);
  return steps.map((step) => {
    const [, number, text] = /^(\d+) (.*)$/.exec(step.name) ?? [];
    const vmstat = namedNumbers(fileOf(step, 'vmstat'));
    const smaps = fileOf(step, 'smaps');
    const counts = {
      ...Object.fromEntries(COUNTED_NAMES.map((name) => [name, vmstat.get(name) ?? 0])),
      thp_collapsed: collapsed?.get(Number(number)) ?? vmstat.get('thp_collapse_alloc') ?? 0,
      AnonHugePages: sumOf(smaps, /^AnonHugePages: +(\d+)/gm),
      Rss: anonymousRss(smaps),
      VmPTE: sumOf(fileOf(step, 'status'), /^VmPTE:\s+(\d+)/gm),
    };
    const hugeLeft = vmstat.get('nr_anon_transparent_hugepages') ?? 0;
    return {
      ...{ number: Number(number ?? -1), text: text ?? step.name, counts },
      hasEnded: counts.AnonHugePages > 0 && hugeLeft === 0,
    };
  });
}

const MARK_OR_COLLAPSE = /: tracing_mark_write: step (\d+) |: mm_collapse_huge_page: .*status=succeeded/g;

/** How many there were until each step; undefined if the trace does not tell. */
function collapsesByStep(trace: string): Map<number, number> | undefined {
  if (!trace.includes(': mm_khugepaged_scan_pmd: ')) return undefined;
  const until = new Map<number, number>();
  let count = 0;
  for (const [, step] of trace.matchAll(MARK_OR_COLLAPSE))
    if (step === undefined) count++;
    else until.set(Number(step), count);
  return until;
}

function fileOf({ files }: DumpedMark, name: string): string {
  return [...files].find(([path]) => path.endsWith(`/${name}`))?.[1] ?? '';
}

function sumOf(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
}

const VMA = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+ *(.*)$/;

/** Of mappings that no file and no name belongs to. */
function anonymousRss(smaps: string): number {
  let isAnonymous = false;
  let kib = 0;
  for (const line of smaps.split('\n')) {
    const vma = VMA.exec(line);
    if (vma !== null) isAnonymous = vma[1] === '';
    else if (isAnonymous && line.startsWith('Rss:')) kib += Number(/\d+/.exec(line)![0]);
  }
  return kib;
}

/** When khugepaged looked at the place of a huge page, from when the machine began, in ns; empty if no trace tells. */
export function khugepagedTimes(trace: string, begin: string): number[] {
  const start = timeOf(trace, `mark ${begin}`);
  return [...trace.matchAll(/([\d.]+): mm_khugepaged_scan_pmd: /g)].map(([, seconds]) =>
    Math.round((Number(seconds) - start) * 1e9),
  );
}

/** When a step was done in the trace, from when the machine began: by its number, in ns. */
export function stepTimes(trace: string, begin: string): Map<number, number> {
  const start = timeOf(trace, `mark ${begin}`);
  const times = new Map<number, number>();
  for (const [, seconds, number] of trace.matchAll(/([\d.]+): tracing_mark_write: step (\d+) /g))
    times.set(Number(number), Math.round((Number(seconds) - start) * 1e9));
  return times;
}

function timeOf(trace: string, line: string): number {
  const found = new RegExp(`([\\d.]+): tracing_mark_write: ${line}$`, 'm').exec(trace);
  return Number(found?.[1] ?? 0);
}
