/**
 * The frames that booted kernels handed out, one by one, from their own free lists; and the zones that they took
 * from when memory ran out.
 */
import { describe, expect, test } from 'vitest';
import {
  __GFP_DIRECT_RECLAIM,
  __GFP_KSWAPD_RECLAIM,
  GFP_ATOMIC,
  GFP_DMA,
  GFP_DMA32,
  GFP_HIGHUSER,
  GFP_KERNEL,
} from '../../../core/event/gfp.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { USE_PAGES } from '../../../core/phys/frames.ts';
import { freePagesOf, nrFree } from '../../../core/phys/free-lists.ts';
import { allocPages, freePages, zoneOfPfn } from '../../../core/phys/page-alloc.ts';
import { PCP_COUNT, pcpCell } from '../../../core/phys/pcp-lists.ts';
import { type BootedMachine, bootedMachines } from '../../captures/booted-machines.ts';
import { CapturedPages, emptyMachine, momentOf, type Verdict } from '../../captures/captured-pages.ts';
import { atDepth, FULL, LONG } from '../../support/depth.ts';

interface Replayed {
  readonly pages: readonly (Verdict & { readonly what: string })[];
  /** By the moments of buddy_snapshots: blocks of each order, for the zones of which everything is known. */
  readonly blocks: ReadonlyMap<string, readonly number[]>;
}

/** Replays what the probe did from the moment on that the free lists were printed. */
function replay(booted: BootedMachine): Replayed {
  const { oracle } = booted;
  const model = new CapturedPages(booted);
  const pages: (Verdict & { what: string })[] = [];
  const blocks = new Map<string, number[]>();
  const masks = new Map(oracle.alloc_pages.map((row) => [row.gfp, Number(row.gfpmask)]));
  const look = (tag: string): void => {
    for (const { index, name } of model.draft.platform.zones)
      if (!model.isLost(index))
        blocks.set(
          `${tag} ${name}`,
          Array.from({ length: model.draft.platform.maxOrder }, (_, order) =>
            nrFree(model.draft, index, order),
          ),
        );
  };
  const take = (what: string, gfp: string, order: number, pfns: readonly string[], held?: string): void => {
    for (const pfn of pfns) pages.push({ what, ...model.alloc(masks.get(gfp)!, order, Number(pfn)) });
    if (held !== undefined) look(held);
    for (const pfn of pfns) model.free(Number(pfn));
  };
  for (const { gfp, order, pfn } of oracle.alloc_pages)
    if (pfn !== undefined) take(`alloc_pages ${gfp} ${order}`, gfp, order, [pfn]);
  for (const { gfp, order, pfns } of oracle.alloc_seq) {
    take(`alloc_seq ${gfp} ${order}`, gfp, order, pfns);
    const again = oracle.alloc_seq_after_free.find((row) => row.gfp === gfp && row.order === order);
    if (again !== undefined) take(`alloc_seq_after_free ${gfp} ${order}`, gfp, order, again.pfns);
  }
  for (const { order, pfn } of oracle.buddy_split ?? []) {
    look(`split${order}_before`);
    take(`buddy_split ${order}`, 'GFP_KERNEL', order, [pfn], `split${order}_held`);
    look(`split${order}_freed`);
  }
  return { pages, blocks };
}

/** `324 pages determined; 44 not: <why>`. */
function summary({ pages }: Replayed): string {
  const whys = new Map<string, number>();
  for (const page of pages) if (page.kind === 'unknown') whys.set(page.why, (whys.get(page.why) ?? 0) + 1);
  const determined = pages.filter(({ kind }) => kind === 'determined').length;
  const others = [...whys].map(([why, count]) => `${count} not: ${why}`);
  return [`${determined} pages determined`, ...others].join('; ');
}

/** Every other one, and those with large pages: x86 and ARM, of 32 and 64 bits, with and without high memory. */
const MACHINES = bootedMachines().filter(({ layout }, i) => FULL || i % 2 === 0 || layout.pageShift > 12);

const machines = MACHINES.map((booted) => {
  const replayed = replay(booted);
  return [booted.id, summary(replayed), booted, replayed] as const;
});

describe.each(machines)('%s', (_id, figures, booted, replayed) => {
  const { oracle } = booted;

  test(`alloc_pages, alloc_seq, alloc_seq_after_free, buddy_split: ${figures}`, () => {
    const determined = replayed.pages.filter((page) => page.kind === 'determined');
    const wrong = determined.filter(({ expected, found }) => expected !== found);
    // A probe that came as a module shares the machine with all that a distribution's kernel runs: of a few pages the
    // lists may have changed since they were printed.
    const isAlone = !/^(deb|board)-/.test(oracle.variant);
    if (!isAlone && determined.length < 16) return;
    expect(wrong.length / determined.length, JSON.stringify(wrong.slice(0, 5))).toBeLessThanOrEqual(0.01);
  });

  test('a block larger than MAX_ORDER is refused, or than what is free', () => {
    const refused = oracle.alloc_pages.filter(({ ok }) => ok === 0);
    const draft = new Draft(emptyMachine(booted));
    for (const { order, gfpmask } of refused)
      expect(allocPages(draft, order, Number(gfpmask), USE_PAGES, 0), `order ${order}`).toBeLessThan(0);
    const { counts } = momentOf(oracle);
    const free = oracle.buddy_snapshots.filter(({ tag }) => tag === counts).map(({ nr_free }) => nr_free);
    for (const { order } of refused)
      expect([order, free.some((blocks) => blocks.slice(order).some((count) => count > 0))]).toEqual([
        order,
        false,
      ]);
  });

  test('splits change the number of free blocks as they did there, and merging brings them back', () => {
    const captured = new Map(oracle.buddy_snapshots.map((row) => [`${row.tag} ${row.zone}`, row.nr_free]));
    for (const { order } of oracle.buddy_split ?? []) {
      for (const zone of oracle.zone_snapshots.filter(({ tag }) => tag === 'before_pages')) {
        const change = (blocks: ReadonlyMap<string, readonly number[]>, moment: string) => {
          const before = blocks.get(`split${order}_before ${zone.name}`);
          return blocks.get(`split${order}_${moment} ${zone.name}`)?.map((n, i) => n - before![i]!);
        };
        for (const moment of ['held', 'freed']) {
          const ours = change(replayed.blocks, moment);
          if (ours !== undefined) expect(ours, `order ${order} ${moment}`).toEqual(change(captured, moment));
        }
      }
    }
  });
});

/**
 * Runs of single pages until none is given. The lists from which they began were not captured (the probe had done
 * other things since): ours begin from the last ones that were, so lengths are close and not equal.
 */
const RUNS = bootedMachines().filter(
  ({ id, oracle, layout }) =>
    LONG || oracle.ram_mb <= (FULL ? 512 : 256) || layout.pageShift > 12 || id === 'i386-3g_1024',
);

describe.each(RUNS)('zone fallback: $id', (booted) => {
  const { oracle } = booted;
  const { draft } = new CapturedPages(booted);
  const { zones } = draft.platform;
  // What was on the per-cpu lists counts as in use.
  for (const { index } of zones) draft.pcps[pcpCell(0, index) + PCP_COUNT] = 0;
  const captured = oracle.zone_fallback.filter(({ order }) => order === 0);

  /**
   * Pages that a zone had free when a run began, of the last captured lists and really: where one run leaves the zone
   * alone it is counted at the end of that, else where the run came to the zone.
   */
  const takenSince = (name: string, gfp: string, ours: number): number => {
    const rows = oracle.zone_fallback_state.filter((row) => row.order === 0 && row.zone === name);
    const drains = (run: string): boolean => captured.some((one) => one.gfp === run && one.zone === name);
    const untouched = rows.find((row) => isEnd(row.at) && !drains(row.gfp));
    const reached = rows.find((row) => row.gfp === gfp && row.at.endsWith(`_to_${name}`));
    const theirs = (untouched ?? reached)?.free;
    return theirs === undefined ? 0 : ours - theirs;
  };

  const gfps = [...new Set(captured.map(({ gfp }) => gfp))];
  test.each(gfps.slice(0, atDepth({ quick: 2, full: gfps.length })))('%s', (gfp) => {
    const began = zones.map(({ index }) => freePagesOf(draft, index));
    const take = (): number => allocPages(draft, 0, GFP_OF[gfp]!, USE_PAGES, 0);
    const given: number[] = [];
    for (let pfn = take(); pfn >= 0; pfn = take()) given.push(pfn);
    const theirs = captured.filter((run) => run.gfp === gfp);
    const left = zones.map(({ index }) => freePagesOf(draft, index));
    const inOrder = [...new Set(given.map((pfn) => zoneOfPfn(zones, pfn).name))];
    for (const pfn of given) freePages(draft, pfn);

    expect(inOrder).toEqual([...new Set(theirs.map(({ zone }) => zone))]);
    const total = theirs.reduce((sum, { run }) => sum + run, 0);
    const drained = zones.filter(({ name }) => theirs.some((run) => run.zone === name));
    const taken = drained.reduce((sum, { name, index }) => sum + takenSince(name, gfp, began[index]!), 0);
    // What one boost keeps back is a pageblock, which is much of a machine with large pages.
    const tolerance = Math.max(0.02 * total, 2 ** draft.platform.pageblockOrder);
    expect(Math.abs(given.length - taken - total)).toBeLessThan(tolerance);
    for (const zone of zones) {
      const end = oracle.zone_fallback_state.find(
        (row) => row.gfp === gfp && row.order === 0 && isEnd(row.at) && row.zone === zone.name,
      )!;
      // What a boost kept back depends on how many pageblocks were broken up before.
      const pageblock = 2 ** draft.platform.pageblockOrder;
      const boost = zone.managedPages < 4 * pageblock ? 0 : Math.max(pageblock, Math.ceil(zone.high * 1.5));
      const slack = boost + zone.pcpBatch + zone.high - zone.low;
      const isDrained = theirs.some((run) => run.zone === zone.name);
      if (isDrained) expect(Math.abs(left[zone.index]! - end.free), zone.name).toBeLessThanOrEqual(slack);
      if (isDrained && zone.pcpBatch === 1 && zone.name === 'DMA')
        expect(Math.abs(left[zone.index]! - end.free), zone.name).toBeLessThanOrEqual(8);
    }
  });
});

/** The run has ended: no zone gives any more. */
const isEnd = (at: string): boolean => at === 'end' || at.endsWith('_to_none');

const NO_RECLAIM = ~(__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM);
const GFP_OF: Readonly<Record<string, number>> = {
  GFP_HIGHUSER_noreclaim: GFP_HIGHUSER & NO_RECLAIM,
  GFP_KERNEL_noreclaim: GFP_KERNEL & NO_RECLAIM,
  GFP_DMA_noreclaim: GFP_DMA & NO_RECLAIM,
  GFP_DMA32_noreclaim: GFP_DMA32 & NO_RECLAIM,
  GFP_ATOMIC,
};
