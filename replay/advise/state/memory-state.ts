/**
 * Memory filled as far, and as much in pieces, as a report or /proc shows it.
 *
 * Free blocks of an order are made by taking pairs of them and giving back the upper half of each: its buddy stays in use,
 * so that it stays what it is. The rest is taken in the largest blocks that there are, until as much is free as was.
 */
import {
  __GFP_ATOMIC,
  __GFP_DMA,
  __GFP_DMA32,
  __GFP_HIGH,
  GFP_HIGHUSER,
  GFP_KERNEL,
} from '../../../core/event/gfp.ts';
import type { ZoneName } from '../../../core/layout/layout.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { freeCmaPagesOf, freePagesOf, listLength } from '../../../core/phys/free-lists.ts';
import { MIGRATE_PCPTYPES } from '../../../core/phys/migrate.ts';
import type { Zone } from '../../../core/phys/zones.ts';
import type { Filling, Step, Taken } from './filling.ts';

/** What a zone of the layout is to look like. */
export interface ZoneGoal {
  readonly zone: ZoneName;
  /** Pages that are left free. */
  readonly freePages: number;
  /** In use by processes and the page cache, which would lie in high memory if there were room. */
  readonly userPages?: number;
  /** By order: free blocks of 2^order pages; undefined: not told. */
  readonly blocks?: readonly number[];
}

/** Requests that may go down furthest, and get what per-cpu lists hold: a filling is to come close to what was left. */
const FAR = GFP_KERNEL | __GFP_HIGH | __GFP_ATOMIC;
const FLAGS: Readonly<Record<ZoneName, number>> = {
  DMA: FAR | __GFP_DMA,
  DMA32: FAR | __GFP_DMA32,
  Normal: FAR,
  HighMem: FAR | GFP_HIGHUSER,
};

/**
 * Fills the zones, the lowest first. Pages of processes and of the page cache come last: where there is no room for all,
 * they are what gives way. They go to low memory when high memory is full, as they did.
 */
export async function fillZones(filling: Filling, goals: readonly ZoneGoal[]): Promise<void> {
  for (const goal of goals) await takeKernelPages(filling, goal);
  // A zone gets below its low mark only when those below it have nothing to spare either: hence once more.
  for (let pass = 0; pass < 2; pass++) for (const goal of goals.toReversed()) await finish(filling, goal);
}

async function takeKernelPages(filling: Filling, goal: ZoneGoal): Promise<void> {
  const { zone, blocks, userPages = 0 } = goal;
  if (zone === 'HighMem') return;
  if (blocks !== undefined) await makeHoles(filling, goal, blocks, FLAGS[zone]);
  await takePages(filling, goal, userPages, FLAGS[zone]);
}

async function finish(filling: Filling, goal: ZoneGoal): Promise<void> {
  const { zone, blocks } = goal;
  const gfp = FLAGS[zone];
  await takePages(filling, goal, 0, FLAGS.HighMem);
  if (blocks !== undefined) await rounds(() => takeSurplus(filling, goal, blocks, gfp));
  await rounds(() => takePages(filling, goal, 0, gfp));
}

/** Every round brings new pages to the per-cpu lists, and fewer. */
const MOST_ROUNDS = 16;

/** As long as anything can be taken. */
async function rounds(takeSome: () => Promise<number>): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS && (await takeSome()) > 0; round++);
}

/** In the largest blocks that the zone has once the per-cpu lists are drained. How many blocks these were. */
async function takePages(filling: Filling, goal: ZoneGoal, kept: number, gfp: number): Promise<number> {
  const drained = filling.drained();
  let left = spare(drained, goal) - kept;
  let taken = 0;
  for (let order = drained.platform.maxOrder - 1; order >= 0 && left > 0; order--) {
    const fitting = Math.floor(left / 2 ** order);
    const blocks = await take(filling, order, Math.min(fitting, blocksOf(drained, goal.zone, order)), gfp);
    left -= blocks * 2 ** order;
    taken += blocks;
  }
  return taken;
}

/** How many of `count` blocks there were. */
async function take(filling: Filling, order: number, count: number, gfp: number): Promise<number> {
  if (count <= 0) return 0;
  return filling.take(Array.from({ length: count }, () => request(filling, order, gfp)));
}

/**
 * Takes blocks that the zone has beyond the goal, the largest first, as they are once the per-cpu lists are drained.
 * How many.
 */
async function takeSurplus(
  filling: Filling,
  { zone }: ZoneGoal,
  blocks: readonly number[],
  gfp: number,
): Promise<number> {
  const drained = filling.drained();
  const { index } = zoneNamed(drained, zone);
  let taken = 0;
  for (let order = drained.platform.maxOrder - 1; order >= 0; order--) {
    const count = Math.max(0, blocksFree(drained, index, order) - (blocks[order] ?? 0));
    taken += await take(filling, order, count, gfp);
  }
  return taken;
}

/** Blocks of an order that the zone can give, larger ones cut up. */
function blocksOf(machine: Machine, zone: ZoneName, order: number): number {
  const { index } = zoneNamed(machine, zone);
  let blocks = 0;
  for (let larger = order; larger < machine.platform.maxOrder; larger++)
    blocks += blocksFree(machine, index, larger) * 2 ** (larger - order);
  return blocks;
}

/** Those of CMA are none: what fills a zone is not to be moved. */
function blocksFree(machine: Machine, zone: number, order: number): number {
  let blocks = 0;
  for (let type = 0; type < MIGRATE_PCPTYPES; type++) blocks += listLength(machine, zone, order, type);
  return blocks;
}

function zoneNamed({ platform }: Machine, name: ZoneName): Zone {
  return platform.zones.find((zone) => zone.name === name)!;
}

function request(filling: Filling, order: number, gfp: number): Step {
  return { kind: 'page_alloc', object: filling.newObject(), order, gfp };
}

/** Free pages beyond those that are to be left. */
function spare(machine: Machine, { zone, freePages }: ZoneGoal): number {
  const { index } = zoneNamed(machine, zone);
  return freePagesOf(machine, index) - freeCmaPagesOf(machine, index) - freePages;
}

/** Above this order blocks are left as they lie: they are what the rest is taken from. */
const MOST_HOLE_ORDER = 7;

async function makeHoles(
  filling: Filling,
  goal: ZoneGoal,
  blocks: readonly number[],
  gfp: number,
): Promise<void> {
  for (const [order, count] of blocks.entries()) {
    if (order > MOST_HOLE_ORDER || count === 0) continue;
    // Every hole keeps a block as large as itself in use.
    const fitting = Math.floor(spare(filling.machine, goal) / 2 ** (order + 1));
    const pairs = Math.min(count, fitting);
    const taken = await filling.run(Array.from({ length: 2 * pairs }, () => request(filling, order, gfp)));
    await filling.run(upperHalves(taken, order).map((object): Step => ({ kind: 'page_free', object })));
  }
}

/** Objects whose buddy is another of them, and stays. */
function upperHalves(taken: readonly Taken[], order: number): number[] {
  const pages = 2 ** order;
  const frames = new Set(taken.map(({ pfn }) => pfn));
  return taken
    .filter(({ pfn }) => Math.floor(pfn / pages) % 2 === 1 && frames.has(pfn - pages))
    .map(({ object }) => object);
}
