/**
 * status and smaps_rollup of a process (task_mem and show_smaps_rollup of fs/proc/task_mmu.c, v6.1): what its mappings come
 * to, and came to at most.
 */
import { PROT_EXEC, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import type { Machine, Process } from '../../core/machine/machine.ts';
import { usageOf } from '../../core/mm/usage.ts';
import { endVpn, VM_GROWSDOWN, VM_LOCKED, type Vma } from '../../core/mm/vma.ts';
import { formatSmaps, formatStatus, type ProcessStatus, type SmapsMapping } from '../../traces/index.ts';
import { sharesKb, smapsOf } from './process-files.ts';
import { mappingsOf, type ProcessMapping } from './process-pages.ts';
import { pageTableKb } from './process-tables.ts';
import { processViewOf } from './view.ts';

export const status = processViewOf('status', 'memory of a process in sums (--pid)', statusOf, (figures) =>
  formatStatus(figures),
);

export const smapsRollup = processViewOf(
  'smaps_rollup',
  'what of all mappings of a process together is in memory, and shared (--pid)',
  rollupOf,
  (rollup, { platform }) =>
    formatSmaps(rollup, { wordBytes: platform.layout.arch.pointerBytes, numberWidth: 1 }),
);

function statusOf(machine: Machine, process: Process): ProcessStatus {
  const mappings = mappingsOf(machine, process);
  const threads = Object.values(machine.records.processes).filter(({ mm }) => mm === process.mm).length;
  const pageKb = pageKbOf(machine);
  const peaks = usageOf(machine, machine.records.mms[process.mm]!.root);
  const kb = {
    VmPeak: peaks.mappedPeak * pageKb,
    VmSize: mappedKb(machine, mappings, () => true),
    VmLck: mappedKb(machine, mappings, ({ flags }) => (flags & VM_LOCKED) !== 0),
    VmPin: 0,
    VmHWM: peaks.residentPeak * pageKb,
    ...residentKb(machine, mappings),
    ...kindsKb(machine, process, mappings),
    VmPTE: pageTableKb(machine, process.mm),
    VmSwap: mappings.reduce((sum, { swap }) => sum + swap.swapcounts.length, 0) * pageKb,
  };
  return {
    Name: `process ${process.pid}`,
    Pid: String(process.pid),
    PPid: String(process.parent),
    ...Object.fromEntries(Object.entries(kb).map(([name, value]) => [name, `${value} kB`])),
    Threads: String(threads),
  };
}

/** Shared memory is told apart from files; the zero page is nobody's (mm_counter). */
function residentKb(machine: Machine, mappings: readonly ProcessMapping[]): Record<string, number> {
  const pageKb = pageKbOf(machine);
  const kb = (of: (mapping: ProcessMapping, isFile: boolean) => boolean): number =>
    mappings.reduce(
      (sum, mapping) =>
        sum + mapping.pages.filter((page) => !page.isZero && of(mapping, page.isFile)).length * pageKb,
      0,
    );
  return {
    VmRSS: kb(() => true),
    RssAnon: kb((_, isFile) => !isFile),
    RssFile: kb(({ vma }, isFile) => isFile && vma.file >= 0),
    RssShmem: kb(({ vma }, isFile) => isFile && vma.file < 0),
  };
}

/** is_data_mapping, is_stack_mapping, is_exec_mapping of mm/internal.h; VmExe is the text of the program itself. */
function kindsKb(
  machine: Machine,
  { mm: id }: Process,
  mappings: readonly ProcessMapping[],
): Record<string, number> {
  const { textEnd } = machine.records.mms[id]!;
  const isStack = ({ flags }: Vma): boolean => (flags & VM_GROWSDOWN) !== 0;
  const isWritable = ({ prot }: Vma): boolean => (prot & PROT_WRITE) !== 0;
  const isText = (vma: Vma): boolean => (vma.prot & PROT_EXEC) !== 0 && !isWritable(vma) && !isStack(vma);
  const isOwn = (vma: Vma): boolean => isText(vma) && endVpn(vma) <= textEnd && isOfProgram(machine, vma);
  const VmExe = mappedKb(machine, mappings, isOwn);
  return {
    VmData: mappedKb(machine, mappings, (vma) => isWritable(vma) && !vma.shared && !isStack(vma)),
    VmStk: mappedKb(machine, mappings, isStack),
    VmExe,
    VmLib: mappedKb(machine, mappings, isText) - VmExe,
  };
}

/** Mappings that go upwards may lie below the program too. */
function isOfProgram({ platform }: Machine, { startVpn }: Vma): boolean {
  const { textVpn, pieVpn, legacyMmap, unmappedBaseVpn } = platform.userSpace;
  return startVpn >= pieVpn || (startVpn >= textVpn && !(legacyMmap && startVpn >= unmappedBaseVpn));
}

function mappedKb(machine: Machine, mappings: readonly ProcessMapping[], of: (vma: Vma) => boolean): number {
  return mappings.reduce((sum, { vma }) => sum + (of(vma) ? vma.nrPages : 0), 0) * pageKbOf(machine);
}

function pageKbOf({ platform }: Machine): number {
  return 2 ** platform.layout.pageShift / 1024;
}

/** What smaps_rollup sums up, in its order (__show_smap). */
const SUMMED = [
  'Rss',
  'Pss',
  'Pss_Dirty',
  'Pss_Anon',
  'Pss_File',
  'Pss_Shmem',
  'Shared_Clean',
  'Shared_Dirty',
  'Private_Clean',
  'Private_Dirty',
  'Referenced',
  'Anonymous',
  'LazyFree',
  'AnonHugePages',
  'ShmemPmdMapped',
  'FilePmdMapped',
  'Shared_Hugetlb',
  'Private_Hugetlb',
  'Swap',
  'SwapPss',
  'Locked',
] as const;

/** From the first mapping to the last; nothing of a process that maps nothing. */
function rollupOf(machine: Machine, process: Process): SmapsMapping[] {
  const mappings = smapsOf(machine, process);
  const [first, last] = [mappings[0], mappings.at(-1)];
  if (first === undefined || last === undefined) return [];
  const shares = pssByKind(machine, process);
  const sum = (name: string): number => mappings.reduce((total, { kb }) => total + (kb[name] ?? 0), 0);
  const kb = Object.fromEntries(SUMMED.map((name) => [name, shares[name] ?? sum(name)]));
  const line = { permissions: '---p', offsetBytes: 0n, device: '00:00', inode: 0, name: '[rollup]' };
  return [{ start: first.start, end: last.end, ...line, kb, numbers: {}, vmFlags: [] }];
}

/** Shares are added up in fractions of a byte, and rounded down once. */
function pssByKind(machine: Machine, process: Process): Readonly<Record<string, number>> {
  const mappings = mappingsOf(machine, process);
  const share = (of: (mapping: ProcessMapping, isFile: boolean) => boolean): number =>
    sharesKb(
      mappings.flatMap((mapping) =>
        mapping.pages
          .filter((page) => !page.isZero && of(mapping, page.isFile))
          .map(({ mapcount }) => mapcount),
      ),
      pageKbOf(machine),
    );
  return {
    Pss: share(() => true),
    Pss_Anon: share((_, isFile) => !isFile),
    Pss_File: share(({ vma }, isFile) => isFile && vma.file >= 0),
    Pss_Shmem: share(({ vma }, isFile) => isFile && vma.file < 0),
  };
}
