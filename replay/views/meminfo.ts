/**
 * /proc/meminfo of a machine (meminfo_proc_show of fs/proc/meminfo.c, v6.1), with the lines of the captured kernels.
 * What the machine does not have is 0: writeback, buffers, per-cpu areas, huge pages.
 */

import { PROT_WRITE } from '../../core/event/mmap-flags.ts';
import { directMapPages } from '../../core/index.ts';
import { vmallocEnd } from '../../core/layout/convert.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { COUNTER } from '../../core/outcome/counters.ts';
import { PAGES_VAR } from '../../core/pages/state.ts';
import { freeSwapSlots } from '../../core/pages/swap.ts';
import { freeCmaPagesOf, freePagesOf } from '../../core/phys/free-lists.ts';
import { formatMeminfo, type Meminfo } from '../../traces/index.ts';
import { nrAnonHugePages } from './huge-pages.ts';
import { kernelZones } from './kernel-zones.ts';
import { lruFigures, type PageUses, totalUses } from './page-uses.ts';
import { processTablePages } from './process-tables.ts';
import { viewOf } from './view.ts';

export const meminfo = viewOf(
  'meminfo',
  'memory in all: free, low and high, cached, slab, page tables, vmalloc, direct map',
  figures,
  formatMeminfo,
);

/** In KiB; the kernel's order. */
function figures(machine: Machine): Meminfo {
  const { layout, zones } = machine.platform;
  const kib = (pages: number): number => Math.floor(pages * 2 ** (layout.pageShift - 10));
  const uses = totalUses(machine);
  const { anon, cache, shmem, mapped, slab, reclaimableSlab, kernelStack } = uses;
  const totalPages = sum(zones.map(({ managedPages }) => managedPages));
  const lists = lruFigures(machine, uses);
  const swapPages = machine.platform.reclaim?.swapSlots ?? 0;
  return {
    MemTotal: kib(totalPages),
    MemFree: kib(sum(zones.map((zone) => freePagesOf(machine, zone.index)))),
    MemAvailable: kib(availablePages(machine, uses)),
    Buffers: 0,
    Cached: kib(cache),
    SwapCached: kib(machine.vars[PAGES_VAR.swapCached]!),
    Active: kib(lists.activeAnon + lists.activeFile),
    Inactive: kib(lists.inactiveAnon + lists.inactiveFile),
    'Active(anon)': kib(lists.activeAnon),
    'Inactive(anon)': kib(lists.inactiveAnon),
    'Active(file)': kib(lists.activeFile),
    'Inactive(file)': kib(lists.inactiveFile),
    Unevictable: kib(lists.unevictable),
    Mlocked: kib(lists.unevictable),
    ...highAndLow(machine, kib),
    SwapTotal: kib(swapPages),
    SwapFree: kib(freeSwapSlots(machine)),
    Dirty: 0,
    Writeback: kib(machine.vars[PAGES_VAR.writebackEnd]! - machine.vars[PAGES_VAR.writebackFirst]!),
    AnonPages: kib(anon),
    Mapped: kib(mapped),
    Shmem: kib(shmem),
    KReclaimable: kib(reclaimableSlab),
    Slab: kib(slab),
    SReclaimable: kib(reclaimableSlab),
    SUnreclaim: kib(slab - reclaimableSlab),
    KernelStack: kib(kernelStack),
    PageTables: kib(processTablePages(machine)),
    SecPageTables: 0,
    NFS_Unstable: 0,
    Bounce: 0,
    WritebackTmp: 0,
    CommitLimit: kib(Math.floor((totalPages * OVERCOMMIT_PERCENT) / 100) + swapPages),
    Committed_AS: kib(committedPages(machine)),
    VmallocTotal: vmallocTotalKib(machine),
    VmallocUsed: kib(machine.counters[COUNTER.vmallocPages]!),
    VmallocChunk: 0,
    Percpu: 0,
    ...hugePages(machine, kib),
    ...contiguous(machine, kib),
    HugePages_Total: 0,
    HugePages_Free: 0,
    HugePages_Rsvd: 0,
    HugePages_Surp: 0,
    Hugepagesize: kib(2 ** layout.arch.translation.levels.at(-1)!.bits),
    Hugetlb: 0,
    ...directMap(machine),
  };
}

/** Lines of kernels with transparent huge pages. */
function hugePages(machine: Machine, kib: (pages: number) => number): Meminfo {
  const { thp } = machine.platform;
  if (thp === undefined) return {};
  return {
    AnonHugePages: kib(nrAnonHugePages(machine) * thp.nrPages),
    ShmemHugePages: 0,
    ShmemPmdMapped: 0,
    FileHugePages: 0,
    FilePmdMapped: 0,
  };
}

/** Lines of kernels with CMA, whether there is any or not. */
function contiguous(machine: Machine, kib: (pages: number) => number): Meminfo {
  const { cma, zones } = machine.platform;
  if (cma === undefined) return {};
  return {
    CmaTotal: kib(sum(cma.areas.map(({ start, end }) => end - start))),
    CmaFree: kib(sum(zones.map((zone) => freeCmaPagesOf(machine, zone.index)))),
  };
}

/** sysctl_overcommit_ratio. */
const OVERCOMMIT_PERCENT = 50;

/** Lines of kernels built with high memory, whether the machine has any or not. */
function highAndLow(machine: Machine, kib: (pages: number) => number): Meminfo {
  const { layout, zones } = machine.platform;
  if (layout.pkmap === undefined) return {};
  const high = zones.filter(({ name }) => name === 'HighMem');
  const low = zones.filter(({ name }) => name !== 'HighMem');
  const total = (of: typeof zones): number => kib(sum(of.map(({ managedPages }) => managedPages)));
  const free = (of: typeof zones): number => kib(sum(of.map((zone) => freePagesOf(machine, zone.index))));
  return { HighTotal: total(high), HighFree: free(high), LowTotal: total(low), LowFree: free(low) };
}

/** si_mem_available: free pages above the reserves; page cache and slabs but for what is left to work with. */
function availablePages(machine: Machine, { cache, shmem, reclaimableSlab }: PageUses): number {
  const { zones } = machine.platform;
  const low = sum(zones.map((zone) => zone.low));
  const reclaimed = (pages: number): number => pages - Math.min(Math.floor(pages / 2), low);
  const free = sum(zones.map((zone) => freePagesOf(machine, zone.index)));
  return Math.max(0, free - reservedPages(machine) + reclaimed(cache - shmem) + reclaimed(reclaimableSlab));
}

/** calculate_totalreserve_pages: of each zone the high mark and the largest lowmem reserve. */
function reservedPages(machine: Machine): number {
  const reserves = kernelZones(machine).map(({ zone, protection }) =>
    zone === undefined ? 0 : Math.min(zone.managedPages, zone.high + Math.max(...protection)),
  );
  return sum(reserves);
}

/** Private writable mappings, which may all be written to, and shared memory (vm_committed_as). */
function committedPages({ records }: Machine): number {
  const vmas = Object.values(records.mms).flatMap(({ vmas }) => vmas.toArray());
  const isCounted = ({ prot, shared }: (typeof vmas)[number]): boolean =>
    !shared && (prot & PROT_WRITE) !== 0;
  const shared = Object.values(records.files).filter(({ shmem }) => shmem);
  return (
    sum(vmas.filter(isCounted).map(({ nrPages }) => nrPages)) + sum(shared.map(({ nrPages }) => nrPages))
  );
}

/** VMALLOC_TOTAL: up to VMALLOC_END. */
function vmallocTotalKib({ platform }: Machine): number {
  const { layout } = platform;
  return Number((vmallocEnd(layout) - layout.vmalloc.start) >> 10n);
}

function directMap({ platform }: Machine): Meminfo {
  const sizes = directMapPages(platform.layout);
  return Object.fromEntries(sizes.map(({ name, pageBytes, pages }) => [name, (pageBytes * pages) / 1024]));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
