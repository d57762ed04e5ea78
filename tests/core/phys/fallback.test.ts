/** What the page allocator does when a migrate type has no block left: which blocks it takes, and what follows. */
import { describe, expect, test } from 'vitest';
import { __GFP_IO, __GFP_KSWAPD_RECLAIM, GFP_ATOMIC, GFP_DMA, GFP_KERNEL } from '../../../core/event/gfp.ts';
import type { MachineOptions } from '../../../core/index.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { freeBlock, takeBlock } from '../../../core/phys/buddy.ts';
import { ALLOC_KSWAPD } from '../../../core/phys/fallback.ts';
import { FRAME, USE_ANON, USE_PAGE_CACHE, USE_PAGES } from '../../../core/phys/frames.ts';
import { boostCell } from '../../../core/phys/free-lists.ts';
import {
  MIGRATE_MOVABLE as MOVABLE,
  pageblockType,
  MIGRATE_UNMOVABLE as UNMOVABLE,
} from '../../../core/phys/migrate.ts';
import { allocPages } from '../../../core/phys/page-alloc.ts';
import type { Zone } from '../../../core/phys/zones.ts';
import { machineOf } from '../../support/rows.ts';

/** May not wake kswapd. */
const QUIET = __GFP_IO;

/** A zone with so many free blocks of an order and type and no others; the zones below it have none. */
function zoneWith(layout: string, mib: number, name: string, order: number, blocks: number, type = MOVABLE) {
  const freeBlocks: number[][] = [[], [], []];
  freeBlocks[type] = [...Array<number>(order).fill(0), blocks];
  const memory: MachineOptions['memory'] = [
    { zone: name, freeBlocks },
    { zone: 'DMA', freeBlocks: [] },
  ];
  const draft = new Draft(machineOf(layout, mib, {}, { memory }));
  const zone = draft.platform.zones.find((candidate) => candidate.name === name)!;
  return { draft, zone, take: (size: number, gfp: number) => allocPages(draft, size, gfp, USE_PAGES, 1) };
}

function boostOf({ freeLists }: Draft, { index }: Zone): number {
  return freeLists[boostCell(index)]!;
}

describe('the boost of the watermarks', () => {
  /** Each of these takes four blocks of a pageblock over, of which it needs one. */
  const thief = zoneWith('linux-x86_64', 256, 'DMA32', 6, 150);
  const steal = (gfp: number): number => {
    for (let block = 0; block < 4; block++) expect(thief.take(6, gfp)).toBeGreaterThan(0);
    return boostOf(thief.draft, thief.zone);
  };

  test('grows by a pageblock with every theft, up to one and a half times the high mark', () => {
    const most = Math.floor(thief.zone.high * 1.5);
    expect(most).toBeGreaterThan(2 * 512);
    expect([steal(QUIET), steal(QUIET), steal(QUIET)]).toEqual([512, 1024, most]);
  });

  test('is worked off by kswapd, which a theft for another request wakes', () => {
    expect(steal(GFP_KERNEL)).toBe(0);
  });

  test('is at least a pageblock where the marks are low', () => {
    const { draft, zone, take } = zoneWith('3g1g', 96, 'Normal', 6, 100);
    expect(Math.floor(zone.high * 1.5)).toBeLessThan(1024);
    take(6, QUIET);
    expect(boostOf(draft, zone)).toBe(1024);
  });

  test('a zone of less than four pageblocks has none', () => {
    const { draft, zone, take } = zoneWith('linux-3g1g', 96, 'DMA', 6, 20);
    expect(zone.managedPages).toBeLessThan(4 * 1024);
    expect(take(6, (GFP_DMA & ~GFP_KERNEL) | QUIET)).toBeGreaterThan(0);
    expect(boostOf(draft, zone)).toBe(0);
  });

  /** As many pages free as the lowest mark, which is boosted to five times that. */
  const boosted = (order: number, gfp: number): { pfn: number; boost: number } => {
    const { min } = machineOf('linux-x86_64', 256).platform.zones[1]!;
    const { draft, zone, take } = zoneWith('linux-x86_64', 256, 'DMA32', 1, min >> 1, UNMOVABLE);
    draft.freeLists[boostCell(zone.index)] = 4 * min;
    return { pfn: take(order, gfp), boost: boostOf(draft, zone) / min };
  };
  test.each([
    ['holds for a request that cannot wake kswapd', 0, QUIET, false, 4],
    ['not for a single page that an atomic one needs', 0, GFP_ATOMIC & ~__GFP_KSWAPD_RECLAIM, true, 4],
    ['but for two', 1, GFP_ATOMIC & ~__GFP_KSWAPD_RECLAIM, false, 4],
    ['which wakes kswapd if it may, and then there is none', 1, GFP_ATOMIC, true, 0],
  ])('%s', (_title, order, gfp, given, boost) => {
    const after = boosted(order, gfp);
    expect(after.pfn > 0).toBe(given);
    expect(after.boost).toBe(boost);
  });
});

/** All of a zone is taken, in pieces of 32 pages; then two pieces of a pageblock are freed. */
function mostlyTaken(use: number): { draft: Draft; zone: Zone; block: number } {
  const draft = new Draft(machineOf('linux-x86_64', 64));
  const zone = draft.platform.zones[1]!;
  const take = (): number => takeBlock(draft, zone, 5, UNMOVABLE, ALLOC_KSWAPD);
  const taken = new Set<number>();
  for (let pfn = take(); pfn >= 0; pfn = take()) {
    draft.frames.set(pfn, FRAME.use, use);
    draft.frames.set(pfn, FRAME.order, 5);
    taken.add(pfn);
  }
  const isWhole = (block: number): boolean =>
    Array.from({ length: 16 }, (_, piece) => block + 32 * piece).every((pfn) => taken.has(pfn));
  const block = [...taken].find((pfn) => pfn % 512 === 0 && isWhole(pfn))!;
  for (const pfn of [block, block + 128]) freeBlock(draft, zone, pfn, 5, UNMOVABLE);
  expect(pageblockType(draft, block)).toBe(UNMOVABLE);
  return { draft, zone, block };
}

describe('a pageblock of which the free pages are taken over for movable ones', () => {
  test.each([
    ['changes its type when the rest of it is memory of processes', USE_ANON, MOVABLE],
    ['or of the page cache', USE_PAGE_CACHE, MOVABLE],
    ['but not when the kernel has it', USE_PAGES, UNMOVABLE],
  ])('%s', (_title, use, type) => {
    const { draft, zone, block } = mostlyTaken(use);
    expect(takeBlock(draft, zone, 4, MOVABLE, ALLOC_KSWAPD)).toBe(block);
    expect(pageblockType(draft, block)).toBe(type);
  });
});
