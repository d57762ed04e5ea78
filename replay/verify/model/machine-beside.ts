/**
 * The machine that stands beside a traced one: its zones as /proc/zoneinfo shows them, its free lists and per-cpu
 * lists those of core/phys, and empty: what is on them is found out as the trace goes on.
 */

import { UsageError } from '../../../core/base/errors.ts';
import { bootMachine } from '../../../core/boot/boot.ts';
import { PCP_6_7 } from '../../../core/kernel/pcp-rules.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import type { ZoneName } from '../../../core/layout/layout.ts';
import { blankMachine } from '../../../core/machine/blank.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { PCP_CELLS_PER_CPU, pcpListsOf } from '../../../core/phys/pcp-lists.ts';
import { highestZones, type Zone } from '../../../core/phys/zones.ts';
import type { Pagetypeinfo, ZoneinfoZone } from '../../../traces/index.ts';

const ZONE_NAMES: readonly string[] = ['DMA', 'DMA32', 'Normal', 'HighMem'] satisfies ZoneName[];

/** 4 TiB: frames from here on are not real ones; see known-blocks.ts. */
export const LAST_PFN = 2 ** 30;
/** Of x86-64 (MAX_DMA_PFN, MAX_DMA32_PFN in arch/x86/include/asm/dma.h). */
const DMA32_START = 0x1000;
const NORMAL_START = 0x10_0000;
/** zone_batchsize() of all but tiny zones, and of tiny ones (mm/page_alloc.c). */
const USUAL_BATCH = 63;
const TINY_BATCH = 1;

/** Of x86-64, when no pagetypeinfo says it. */
const USUAL_PAGEBLOCK_ORDER = 9;
/** log2 of the entries of a per-cpu list, when it is not known how many a cpu may have. */
const USUAL_LIST_BITS = 17;

/** A machine with the zones of another one, and nothing on any list. */
export function machineBeside(
  zoneinfo: readonly ZoneinfoZone[] | undefined,
  pagetypes: Pagetypeinfo | undefined,
): Draft {
  const zones = zonesOf(zoneinfo);
  const pagesets = (zoneinfo ?? []).flatMap((zone) => zone.pagesets);
  const mostOnCpu = Math.max(0, ...pagesets.map(({ high, highMax = high }) => highMax));
  const pageblockOrder = pagetypes?.pageblockOrder ?? USUAL_PAGEBLOCK_ORDER;
  const { platform } = bootMachine(buildLayout('linux-x86_64', { ramBytes: 64n << 20n }));
  const pcpListBits = Math.max(USUAL_LIST_BITS, 1 + Math.ceil(Math.log2(mostOnCpu + 1)));
  const names = zones.map(({ name }) => name);
  const zoneChoice = { highestZones: highestZones(zones, names), hasDma32: names.includes('DMA32') };
  // Distributions have transparent huge pages.
  const pcpLists = pcpListsOf(PCP_6_7, pageblockOrder);
  const lists = { pageblockOrder, pcpListBits, pcpLists };
  return new Draft(blankMachine({ ...platform, zones, ...zoneChoice, ...lists }));
}

/** Cpus whose lists have room in the table of list entries, whose rows are 32-bit numbers. */
export function mostCpus({ platform }: Draft): number {
  return Math.floor(2 ** (32 - platform.pcpListBits) / (PCP_CELLS_PER_CPU / 2));
}

/** The populated zones of a machine; those of x86-64 when its zoneinfo is not known. */
function zonesOf(zoneinfo: readonly ZoneinfoZone[] | undefined): Zone[] {
  if (zoneinfo === undefined) return zonesOfX86();
  const populated = zoneinfo.filter(({ pagesets }) => pagesets.length > 0);
  const places = populated.map(({ node, zone }) => `${zone} of node ${node}`);
  if (populated.length === 0 || !populated.every(({ node, zone }) => node === 0 && ZONE_NAMES.includes(zone)))
    throw new UsageError(
      `zoneinfo: found pages in ${places.join(', ') || 'no zone'}, expected ${ZONE_NAMES.join(', ')} of node 0 only. Machines with several nodes or movable zones cannot be verified`,
    );
  return populated.map((zone, index) => ({
    index,
    name: zone.zone as ZoneName,
    startPfn: zone.startPfn!,
    spannedPages: zone.spanned,
    presentPages: zone.present,
    managedPages: zone.managed,
    min: zone.min,
    low: zone.low,
    high: zone.high,
    lowmemReserve: zone.protection.slice(0, populated.length),
    pcpBatch: zone.pagesets[0]!.batch,
    pcpHigh: zone.pagesets[0]!.high,
  }));
}

function zonesOfX86(): Zone[] {
  const starts = [1, DMA32_START, NORMAL_START, LAST_PFN];
  return (['DMA', 'DMA32', 'Normal'] as const).map((name, index) => {
    const spannedPages = starts[index + 1]! - starts[index]!;
    const pages = { spannedPages, presentPages: spannedPages, managedPages: spannedPages };
    const marks = { min: 0, low: 0, high: 0, lowmemReserve: [0, 0, 0], pcpHigh: 0 };
    const pcpBatch = name === 'DMA' ? TINY_BATCH : USUAL_BATCH;
    return { index, name, startPfn: starts[index]!, ...pages, ...marks, pcpBatch };
  });
}
