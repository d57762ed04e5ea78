/** Direct reclaim: who makes room for himself, how long he tries, and what he leaves alone (mm/vmscan.c, v6.1). */
import { describe, expect, test } from 'vitest';
import {
  __GFP_DIRECT_RECLAIM,
  __GFP_IO,
  __GFP_KSWAPD_RECLAIM,
  __GFP_NORETRY,
  __GFP_RETRY_MAYFAIL,
  GFP_ATOMIC,
  GFP_KERNEL,
} from '../../../core/event/gfp.ts';
import { MAP_POPULATE } from '../../../core/event/mmap-flags.ts';
import { FRAME, USE_PAGE_CACHE } from '../../../core/phys/frames.ts';
import { zoneOfPfn } from '../../../core/phys/page-alloc.ts';
import { pcpCount } from '../../../core/phys/pcp-lists.ts';
import { PageReclaimer } from '../../../core/reclaim/reclaimer.ts';
import { MIB, machineOf, mlock, mmap, PAGE, pages, RUNNING, RW, Session } from '../../support/rows.ts';
import { FILE, highestZone, readPage, take } from './filling.ts';
import { reclaiming, run, within } from './looks.ts';

describe('direct reclaim', () => {
  /** Page cache in most of RAM; then one event takes more than is left. */
  const full = () => reclaiming().given(FILE, { kind: 'file_read', file: 1, offset: 0, length: 45 * MIB });

  test('is done by who may wait, in the middle of what it does, and costs it time', () => {
    const session = full();
    session.given({ kind: 'vmalloc', object: 1, size: 20 * MIB });
    expect(session.counter('directReclaims')).toBeGreaterThan(0);
    expect(session.counter('pgstealDirect')).toBeGreaterThanOrEqual(32 * session.counter('directReclaims'));
    expect(session.counter('pgscanDirect')).toBeGreaterThanOrEqual(session.counter('pgstealDirect'));
  });

  test('goes on to the last page: at priority 0 lists are looked at whole', () => {
    const session = reclaiming().given(FILE, readPage(0));
    const { index } = highestZone(session);
    const freed = (): number =>
      within(session, (draft) => new PageReclaimer().reclaim(draft, index, GFP_KERNEL));
    expect([freed(), freed()]).toEqual([1, 0]);
  });

  test.each([
    { what: 'that gives up early', gfp: GFP_KERNEL | __GFP_NORETRY, order: 0, rounds: 2 },
    { what: 'that tries hard', gfp: GFP_KERNEL | __GFP_RETRY_MAYFAIL, order: 0, rounds: 34 },
    { what: 'for more than 8 pages', gfp: GFP_KERNEL, order: 4, rounds: 2 },
    { what: 'for more that tries hard', gfp: GFP_KERNEL | __GFP_RETRY_MAYFAIL, order: 4, rounds: 34 },
  ])('fails for a request $what after $rounds rounds without success', ({ gfp, order, rounds }) => {
    // Locked pages are on the lists, but none of them goes; the rest is the kernel's. Once they are active, each round has a
    // second one that makes them inactive again, and counts like the first (allocstall).
    const session = reclaiming().given(...RUNNING, mmap(1, 8 * PAGE), mlock(1, 0, 8 * PAGE));
    take(session, GFP_ATOMIC);
    expect(session.counter('directReclaims')).toBe(0);
    expect(session.status(pages(999, order, gfp))).toBe('out-of-memory');
    expect(session.counter('directReclaims')).toBe(rounds);
  });

  test('leaves per-cpu lists alone as long as nothing comes free', () => {
    const session = reclaiming().given(...RUNNING, mmap(1, 8 * PAGE), mlock(1, 0, 8 * PAGE));
    const taken = take(session, GFP_ATOMIC);
    // One page is on the list, and only the buddy allocator could make two of it.
    session.given({ kind: 'page_free', object: 1000 + taken - 1 });
    const listed = (): number =>
      session.machine.platform.zones.reduce((sum, { index }) => sum + pcpCount(session.machine, 0, index), 0);
    const before = listed();
    expect(before).toBeGreaterThan(0);
    expect(session.status(pages(999, 1, GFP_KERNEL | __GFP_NORETRY))).toBe('out-of-memory');
    expect(listed()).toBe(before);
  });

  test('frees 32 pages at a time', () => {
    const session = full();
    session.given({ kind: 'vmalloc', object: 1, size: 20 * MIB });
    const times = session.counter('directReclaims');
    expect(session.counter('pgstealDirect')).toBeLessThan(2 * 32 * times);
  });

  test.each([
    { what: 'atomic', gfp: GFP_ATOMIC },
    { what: 'not to wait', gfp: __GFP_KSWAPD_RECLAIM },
  ])('is not for a request that is $what: it fails, and kswapd makes room behind it', ({ gfp }) => {
    const session = full();
    const before = session.counter('directReclaims');
    let object = 1000;
    while (session.status(pages(object, 10, gfp)) === 'ok') object++;
    expect(session.counter('kswapdRuns')).toBeGreaterThan(0);
    expect(session.counter('directReclaims')).toBe(before);
    expect(session.status(pages(object, 0, gfp))).toBe('ok');
  });

  test('swaps nothing for a request that must do no I/O', () => {
    const session = reclaiming().given(...RUNNING, mmap(1, 40 * MIB, RW | MAP_POPULATE));
    take(session, __GFP_DIRECT_RECLAIM);
    expect(session.counter('directReclaims')).toBeGreaterThan(0);
    expect(session.counter('pswpout')).toBe(0);
    expect(session.counter('oomKills')).toBe(0);
    session.given(pages(999, 0, __GFP_DIRECT_RECLAIM | __GFP_IO));
    expect(session.counter('pswpout')).toBeGreaterThan(0);
  });
});

test('a request for low memory takes no page from high memory', () => {
  const session = new Session(
    machineOf('3g1g', 128, { cpus: 1, highmemBytes: 64n << 20n }, { reclaim: { swapBytes: 64n << 20n } }),
  ).given(FILE);
  session.given({ kind: 'file_read', file: 1, offset: 0, length: 120 * MIB });
  const { zones } = session.machine.platform;
  const cached = (): Record<string, number> => {
    const found: Record<string, number> = { DMA: 0, Normal: 0, HighMem: 0 };
    const { frames } = session.machine;
    const last = zones.at(-1)!;
    for (let pfn = 0; pfn < last.startPfn + last.spannedPages; pfn++)
      if (frames.get(pfn, FRAME.use) === USE_PAGE_CACHE) found[zoneOfPfn(zones, pfn).name]!++;
    return found;
  };
  const before = cached();
  expect(before.HighMem).toBeGreaterThan(1000);
  expect(before.Normal).toBeGreaterThan(1000);
  let object = 1000;
  const steps = Array.from({ length: 3000 }, () => pages(object++, 0));
  expect(run(session, steps)).toEqual(new Set(['ok']));
  expect(cached().Normal).toBeLessThan(before.Normal! - 500);
  expect(cached().HighMem).toBe(before.HighMem);
});
