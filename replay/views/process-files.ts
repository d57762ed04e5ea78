/**
 * maps, smaps and pagemap of a process (fs/proc/task_mmu.c, v6.1) and what `pmap -x` makes of them. Of a frame's flags
 * those are told that follow from what it is used for, and from the LRU list that it is on, if the machine reclaims.
 */
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import type { Machine, Process } from '../../core/machine/machine.ts';
import {
  VM_DONTEXPAND,
  VM_GROWSDOWN,
  VM_HUGEPAGE,
  VM_LOCKED,
  VM_NOHUGEPAGE,
  VM_RAND_READ,
  VM_SEQ_READ,
  type Vma,
} from '../../core/mm/vma.ts';
import {
  type FilePart,
  formatMaps,
  formatPagemap,
  formatPmap,
  formatSmaps,
  type MapsLine,
  type PagemapMapping,
  type PagemapPage,
  type Pmap,
  type SmapsMapping,
} from '../../traces/index.ts';
import { isThpEligible } from './huge-pages.ts';
import { namedMappingsOf, type ProcessMapping, type ProcessPage } from './process-pages.ts';
import { processViewOf } from './view.ts';

export const maps = processViewOf(
  'maps',
  'mappings of a process (--pid)',
  (machine, process, { files }): MapsLine[] =>
    namedMappingsOf(machine, process, files).map(({ line }) => line),
  (lines, machine) => formatMaps(lines, wordBytesOf(machine)),
);

export const smaps = processViewOf(
  'smaps',
  'what of each mapping of a process is in memory, and shared (--pid)',
  (machine, process, { files }) => smapsOf(machine, process, files),
  (mappings, machine) => formatSmaps(mappings, { wordBytes: wordBytesOf(machine), numberWidth: 1 }),
);

export const pmap = processViewOf(
  'pmap',
  'the same in short, as pmap -x prints it (--pid)',
  (machine, process, { files }) => pmapOf(machine, process, files),
  (figures, machine) => formatPmap(figures, wordBytesOf(machine)),
);

export const pagemap = processViewOf(
  'pagemap',
  'every page of a process that is in memory, with its frame (--pid)',
  (machine, process, { files }): PagemapMapping[] =>
    namedMappingsOf(machine, process, files).map(({ line, pages }) => ({
      ...line,
      pages: pages.map(pagemapPage),
    })),
  (mappings, machine) => formatPagemap(mappings, wordBytesOf(machine)),
);

function wordBytesOf({ platform }: Machine): number {
  return platform.layout.arch.pointerBytes;
}

export function smapsOf(machine: Machine, process: Process, files: readonly FilePart[] = []): SmapsMapping[] {
  const pageKb = 2 ** machine.platform.layout.pageShift / 1024;
  return namedMappingsOf(machine, process, files).map((mapping) => ({
    ...mapping.line,
    kb: residence(mapping, pageKb),
    numbers: { THPeligible: isThpEligible(machine, mapping.vma) ? 1 : 0 },
    vmFlags: vmFlags(mapping.vma),
  }));
}

/** PSS_SHIFT: a page's share is kept in this fraction of a byte. */
const PSS_UNITS = 2 ** 12;

function residence({ vma, pages, swap }: ProcessMapping, pageKb: number): Record<string, number> {
  const counted = pages.filter(({ isZero }) => !isZero);
  const kb = (of: (page: ProcessPage) => boolean): number => counted.filter(of).length * pageKb;
  const pss = (of: (page: ProcessPage) => boolean): number => {
    return sharesKb(
      counted.filter(of).map(({ mapcount }) => mapcount),
      pageKb,
    );
  };
  const isShared = ({ mapcount }: ProcessPage): boolean => mapcount > 1;
  const isLocked = (vma.flags & VM_LOCKED) !== 0;
  return {
    Size: vma.nrPages * pageKb,
    KernelPageSize: pageKb,
    MMUPageSize: pageKb,
    Rss: kb(() => true),
    Pss: pss(() => true),
    Pss_Dirty: pss(({ dirty }) => dirty),
    Shared_Clean: kb((page) => isShared(page) && !page.dirty),
    Shared_Dirty: kb((page) => isShared(page) && page.dirty),
    Private_Clean: kb((page) => !isShared(page) && !page.dirty),
    Private_Dirty: kb((page) => !isShared(page) && page.dirty),
    Referenced: kb(({ referenced }) => referenced),
    Anonymous: kb(({ isFile }) => !isFile),
    LazyFree: kb(({ lru, dirty }) => lru.lazyFree && !dirty),
    AnonHugePages: kb(({ isHuge }) => isHuge),
    ShmemPmdMapped: 0,
    FilePmdMapped: 0,
    Shared_Hugetlb: 0,
    Private_Hugetlb: 0,
    Swap: (swap.swapcounts.length + swap.nrShared) * pageKb,
    SwapPss: sharesKb(swap.swapcounts, pageKb),
    Locked: isLocked ? pss(() => true) : 0,
  };
}

/** Of pages that so many entries refer to, what falls to one of them. */
export function sharesKb(counts: readonly number[], pageKb: number): number {
  const shares = counts.map((count) => Math.floor((pageKb * 1024 * PSS_UNITS) / count));
  return Math.floor(shares.reduce((sum, share) => sum + share, 0) / PSS_UNITS / 1024);
}

/** show_smap_vma_flags(), in the order of the bits. What may be allowed later (m.) is everything. */
function vmFlags({ prot, flags, shared }: Vma): string[] {
  // Shared memory is accounted by its file (shmem_acct_size), not by its mappings (accountable_mapping).
  const isAccounted = !shared && (prot & PROT_WRITE) !== 0;
  const rows: readonly (readonly [string, boolean])[] = [
    ['rd', (prot & PROT_READ) !== 0],
    ['wr', (prot & PROT_WRITE) !== 0],
    ['ex', (prot & PROT_EXEC) !== 0],
    ['sh', shared],
    ['mr', true],
    ['mw', true],
    ['me', true],
    ['ms', shared],
    ['gd', (flags & VM_GROWSDOWN) !== 0],
    ['lo', (flags & VM_LOCKED) !== 0],
    ['sr', (flags & VM_SEQ_READ) !== 0],
    ['rr', (flags & VM_RAND_READ) !== 0],
    ['de', (flags & VM_DONTEXPAND) !== 0],
    ['ac', isAccounted],
    ['hg', (flags & VM_HUGEPAGE) !== 0],
    ['nh', (flags & VM_NOHUGEPAGE) !== 0],
  ];
  return rows.filter(([, isSet]) => isSet).map(([name]) => name);
}

function pmapOf(machine: Machine, process: Process, files: readonly FilePart[]): Pmap {
  const mappings = smapsOf(machine, process, files).map(({ start, kb, permissions, name }) => ({
    start,
    kb: kb.Size!,
    rssKb: kb.Rss!,
    dirtyKb: kb.Shared_Dirty! + kb.Private_Dirty!,
    mode: `${permissions.replace('p', '-')}-`,
    mapping: pmapName(name),
  }));
  return { pid: process.pid, command: `process ${process.pid}`, mappings };
}

/** mapping_name() of procps. */
function pmapName(name: string): string {
  if (name === '[stack]') return '  [ stack ]';
  return name.startsWith('/') ? name.slice(name.lastIndexOf('/') + 1) : '  [ anon ]';
}

/** The huge zero page is one too (stable_page_flags of fs/proc/page.c, v6.1). */
function hugeFlags({ pfn, isZero, isHuge, hugePfn }: ProcessPage): bigint {
  if (isZero && isHuge) return THP;
  if (hugePfn === undefined) return 0n;
  return THP | (pfn === hugePfn ? COMPOUND_HEAD : COMPOUND_TAIL);
}

/** KPF_ bits of include/uapi/linux/kernel-page-flags.h. */
const UPTODATE_LRU_MMAP = (1n << 3n) | (1n << 5n) | (1n << 11n);
const ANON_SWAPBACKED = (1n << 12n) | (1n << 14n);
const ZERO_PAGE = 1n << 24n;
const [REFERENCED, ACTIVE] = [1n << 2n, 1n << 6n];
const [COMPOUND_HEAD, COMPOUND_TAIL, THP] = [1n << 15n, 1n << 16n, 1n << 22n];

function pagemapPage(page: ProcessPage): PagemapPage {
  const { address, pfn, isZero, isFile, mapcount } = page;
  const list = (page.lru.active ? ACTIVE : 0n) | (page.lru.referenced ? REFERENCED : 0n);
  const used = UPTODATE_LRU_MMAP | list | (isFile ? 0n : ANON_SWAPBACKED);
  const kpageflags = (isZero ? ZERO_PAGE : used) | hugeFlags(page);
  return {
    address,
    file: isFile,
    exclusive: mapcount === 1,
    softDirty: false,
    frame: { pfn, kpageflags, mapcount },
  };
}
