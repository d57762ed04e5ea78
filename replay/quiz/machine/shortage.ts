/** Machines on which something is short: free memory by zone, blocks of some size, vmalloc addresses, kmap slots. */
import { GFP_HIGHUSER } from '../../../core/event/gfp.ts';
import { PCP_6_1, type PcpRules } from '../../../core/kernel/pcp-rules.ts';
import type { KernelArea } from '../../../core/kmap/kernel-areas.ts';
import type { AddressRange, Layout } from '../../../core/layout/layout.ts';
import type { MachineOptions } from '../../../core/machine/options.ts';
import type { Zone } from '../../../core/phys/zones.ts';
import type { Prng } from '../../../workloads/engine/prng.ts';
import type { Fact } from '../../../workloads/examples/example.ts';
import { pageAlloc } from '../../../workloads/examples/facts.ts';
import type { Ground } from './machines.ts';
import { Play } from './play.ts';

/** How much of a zone is free: less than its mark, small blocks only, or enough of all sizes. */
type Wealth = 'gone' | 'in pieces' | 'plenty';
const WEALTH: readonly Wealth[] = ['gone', 'in pieces', 'plenty'];

const NO_LISTS: PcpRules = { ...PCP_6_1, batch: () => 1, high: () => 0 };

/** A zone of less than this serves nobody who may have another one. */
const SMALL_ZONE_BYTES = 2 ** 25;
/** A larger window does not run out of addresses. */
const SMALL_WINDOW_BYTES = 2n ** 31n;
const SLOT_PAGES = 1_000_000;
const SLOT_ORDER = 5;

/** A machine short of this and that. Its cpus keep no pages to themselves, so that figures tell all that is free. */
export function shortMachine({ layout: asked, ...others }: Ground, random: Prng): Play {
  const layout: Layout = { ...asked, kernel: { ...asked.kernel, pcp: NO_LISTS } };
  const ground = { ...others, layout };
  const { zones, maxOrder } = new Play(ground).machine.platform;
  const memory = zones.map((zone) => {
    const wealth =
      zone.managedPages * 2 ** layout.pageShift < SMALL_ZONE_BYTES ? 'gone' : random.pick(WEALTH);
    return { zone: zone.name, freeBlocks: [blocksOf(zone, wealth, maxOrder, random)] };
  });
  const options: MachineOptions = { memory, vmallocAreas: areasOf(layout, random) };
  const play = new Play(ground, options);
  if (random.chance(1, 2)) useSlots(play, layout);
  return play;
}

/** By order. What has to be left in the zone decides how much is something. */
function blocksOf(zone: Zone, wealth: Wealth, maxOrder: number, random: Prng): number[] {
  if (wealth === 'gone') return [Math.floor((zone.min * random.range(3, 7)) / 10)];
  const kept = zone.min + Math.max(...zone.lowmemReserve);
  const pages = Math.min(4 * kept, Math.floor(zone.managedPages / 4));
  const orders = wealth === 'in pieces' ? random.range(2, 4) : maxOrder;
  const blocks = Array.from({ length: orders }, (_, order) => someBlocks(pages, order, random));
  if (wealth === 'plenty') blocks[maxOrder - 1]! += Math.floor(pages / 2 ** (maxOrder - 1));
  return wealth === 'plenty'
    ? blocks
    : blocks.map((count, order) => count + Math.floor(pages / orders / 2 ** order));
}

/** A few, fewer of the larger ones. */
function someBlocks(pages: number, order: number, random: Prng): number {
  return random.below(Math.max(2, Math.floor(pages / 2 ** (order + 6))));
}

/** Areas all over a small window, with a hole between any two. */
function areasOf({ vmalloc, pageShift }: Layout, random: Prng): KernelArea[] {
  const bytes = vmalloc.end - vmalloc.start;
  if (bytes > SMALL_WINDOW_BYTES) return [];
  const nrAreas = random.range(8, 24);
  const stride = pagesDown(bytes / BigInt(nrAreas), pageShift);
  return Array.from({ length: nrAreas }, (_, i) => {
    const start = vmalloc.start + BigInt(i) * stride;
    const hole = pagesDown((stride * BigInt(random.range(2, 7))) / 10n, pageShift);
    return areaOf({ start, end: start + stride - hole }, pageShift);
  });
}

function areaOf({ start, end }: AddressRange, pageShift: number): KernelArea {
  return { kind: 'vmalloc', start, end, nrPages: Number((end - start) >> BigInt(pageShift)) - 1 };
}

function pagesDown(bytes: bigint, pageShift: number): bigint {
  return (bytes >> BigInt(pageShift)) << BigInt(pageShift);
}

/** All slots of kmap(), if there is memory for that. */
function useSlots(play: Play, { pkmap }: Layout): void {
  const size = 2 ** SLOT_ORDER;
  const facts: Fact[] = [];
  for (let slot = 0; slot < (pkmap?.slots ?? 0); slot += size) {
    const object = SLOT_PAGES + slot;
    facts.push(pageAlloc(object, SLOT_ORDER, GFP_HIGHUSER));
    for (let page = 0; page < size; page++) facts.push({ kind: 'kmap', object, page });
  }
  play.doAll(facts);
}
