/**
 * /proc/zoneinfo of a machine (zoneinfo_show_print of mm/vmstat.c, v6.1): every zone of the kernel's configuration.
 * Statistics that the machine does not have are 0: refaults, writeback, isolation, huge pages of files, pinning.
 */

import { countFrames } from '../../core/layout/page-frames.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { boostCell, freeCmaPagesOf, freePagesOf } from '../../core/phys/free-lists.ts';
import { pcpCount } from '../../core/phys/pcp-lists.ts';
import { CPUS_VAR } from '../../core/state/cpus.ts';
import { formatZoneinfo, type Pageset, type ZoneinfoZone } from '../../traces/index.ts';
import { nrAnonHugePages } from './huge-pages.ts';
import { type KernelZone, kernelZones } from './kernel-zones.ts';
import { lruFigures, type PageUses, totalUses, usesByZone } from './page-uses.ts';
import { processTablePages } from './process-tables.ts';
import { viewOf } from './view.ts';

export const zoneinfo = viewOf(
  'zoneinfo',
  'zones: watermarks, sizes, reserves, statistics, per-cpu page lists',
  figures,
  formatZoneinfo,
);

function figures(machine: Machine): ZoneinfoZone[] {
  const uses = usesByZone(machine);
  const first = machine.platform.zones[0];
  return kernelZones(machine).map((kernelZone) => ({
    node: 0,
    zone: kernelZone.name,
    ...(kernelZone.zone === first && { nodeStatistics: nodeStatistics(machine) }),
    ...sizes(machine, kernelZone),
    protection: kernelZone.protection,
    ...populated(machine, kernelZone, uses),
  }));
}

type Sizes = Pick<
  ZoneinfoZone,
  'free' | 'min' | 'low' | 'high' | 'spanned' | 'present' | 'managed' | 'pages'
>;

/** The marks as the kernel uses them: with the boost that follows a fallback. */
function sizes(machine: Machine, { zone, idleMark }: KernelZone): Sizes {
  const boost = zone === undefined ? 0 : machine.freeLists[boostCell(zone.index)]!;
  const pages = {
    free: zone === undefined ? 0 : freePagesOf(machine, zone.index),
    boost,
    min: (zone?.min ?? idleMark) + boost,
    low: (zone?.low ?? idleMark) + boost,
    high: (zone?.high ?? idleMark) + boost,
    spanned: zone?.spannedPages ?? 0,
    present: zone?.presentPages ?? 0,
    managed: zone?.managedPages ?? 0,
    cma: zone === undefined ? 0 : cmaPages(machine, zone),
  };
  return { ...pages, pages };
}

/** zone->cma_pages. */
function cmaPages({ platform }: Machine, { startPfn, spannedPages }: PopulatedZone): number {
  return countFrames(platform.cma?.areas ?? [], startPfn, startPfn + spannedPages);
}

/** What the kernel prints of zones with memory only. */
function populated(
  machine: Machine,
  { zone }: KernelZone,
  uses: readonly PageUses[],
): Pick<ZoneinfoZone, 'statistics' | 'pagesets' | 'nodeUnreclaimable' | 'startPfn'> {
  if (zone === undefined) return { statistics: {}, pagesets: [] };
  const lists = lruFigures(machine, uses[zone.index]!, zone.index);
  return {
    statistics: {
      nr_free_pages: freePagesOf(machine, zone.index),
      nr_zone_inactive_anon: lists.inactiveAnon,
      nr_zone_active_anon: lists.activeAnon,
      nr_zone_inactive_file: lists.inactiveFile,
      nr_zone_active_file: lists.activeFile,
      nr_zone_unevictable: lists.unevictable,
      nr_zone_write_pending: 0,
      nr_mlock: lists.unevictable,
      nr_bounce: 0,
      nr_free_cma: freeCmaPagesOf(machine, zone.index),
    },
    pagesets: Array.from({ length: cpusOf(machine) }, (_, cpu) => pageset(machine, zone, cpu)),
    nodeUnreclaimable: 0,
    startPfn: zone.startPfn,
  };
}

type PopulatedZone = NonNullable<KernelZone['zone']>;

/** Those that are present, and whatever others the workload used. */
function cpusOf({ platform, vars }: Machine): number {
  return Math.max(platform.layout.onlineCpus, vars[CPUS_VAR.busyCpus]!);
}

function pageset(machine: Machine, zone: PopulatedZone, cpu: number): Pageset {
  const { cpus, nrCpus } = machine.platform.layout;
  return {
    cpu,
    count: pcpCount(machine, cpu, zone.index),
    high: zone.pcpHigh,
    batch: zone.pcpBatch,
    ...(nrCpus > 1 && { statisticsThreshold: statisticsThreshold(zone, cpus) }),
  };
}

/** calculate_normal_threshold: how far a cpu's counters may be behind. A kernel for one cpu has none. */
function statisticsThreshold({ managedPages }: PopulatedZone, cpus: number): number {
  const eighthsOfGib = Math.floor(managedPages / 2 ** 15);
  return Math.min(125, 2 * bitLength(cpus) * (1 + bitLength(eighthsOfGib)));
}

function bitLength(value: number): number {
  return 32 - Math.clz32(value);
}

/** node_stat_item in the order of v6.1; KiB for nr_kernel_stack, pages for the others. */
function nodeStatistics(machine: Machine): Record<string, number> {
  const uses = totalUses(machine);
  const { anon, cache, shmem, mapped, slab, reclaimableSlab, kernelStack } = uses;
  const lists = lruFigures(machine, uses);
  const kibPerPage = 2 ** (machine.platform.layout.pageShift - 10);
  const known: Record<string, number> = {
    nr_inactive_anon: lists.inactiveAnon,
    nr_active_anon: lists.activeAnon,
    nr_inactive_file: lists.inactiveFile,
    nr_active_file: lists.activeFile,
    nr_unevictable: lists.unevictable,
    nr_slab_reclaimable: reclaimableSlab,
    nr_slab_unreclaimable: slab - reclaimableSlab,
    nr_anon_pages: anon,
    nr_mapped: mapped,
    nr_file_pages: cache,
    nr_shmem: shmem,
    nr_anon_transparent_hugepages: nrAnonHugePages(machine),
    nr_kernel_stack: kernelStack * kibPerPage,
    nr_page_table_pages: processTablePages(machine),
  };
  return Object.fromEntries(NODE_STATISTICS.map((name) => [name, known[name] ?? 0]));
}

const NODE_STATISTICS = [
  'nr_inactive_anon',
  'nr_active_anon',
  'nr_inactive_file',
  'nr_active_file',
  'nr_unevictable',
  'nr_slab_reclaimable',
  'nr_slab_unreclaimable',
  'nr_isolated_anon',
  'nr_isolated_file',
  'workingset_nodes',
  'workingset_refault_anon',
  'workingset_refault_file',
  'workingset_activate_anon',
  'workingset_activate_file',
  'workingset_restore_anon',
  'workingset_restore_file',
  'workingset_nodereclaim',
  'nr_anon_pages',
  'nr_mapped',
  'nr_file_pages',
  'nr_dirty',
  'nr_writeback',
  'nr_writeback_temp',
  'nr_shmem',
  'nr_shmem_hugepages',
  'nr_shmem_pmdmapped',
  'nr_file_hugepages',
  'nr_file_pmdmapped',
  'nr_anon_transparent_hugepages',
  'nr_vmscan_write',
  'nr_vmscan_immediate_reclaim',
  'nr_dirtied',
  'nr_written',
  'nr_throttled_written',
  'nr_kernel_misc_reclaimable',
  'nr_foll_pin_acquired',
  'nr_foll_pin_released',
  'nr_kernel_stack',
  'nr_page_table_pages',
  'nr_sec_page_table_pages',
];
