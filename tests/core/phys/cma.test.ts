/** Who gets the pages of memory for contiguous buffers (CMA), and in which order. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { __GFP_MOVABLE, GFP_ATOMIC, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { linuxKernel } from '../../../core/kernel/linux.ts';
import { parseVersion } from '../../../core/kernel/version.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import type { Draft } from '../../../core/machine/draft.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { COUNTER } from '../../../core/outcome/counters.ts';
import { STATUSES } from '../../../core/outcome/outcome.ts';
import { USE_PAGES } from '../../../core/phys/frames.ts';
import { freeCmaPagesOf, freePagesOf } from '../../../core/phys/free-lists.ts';
import { MIGRATE_CMA, pageblockType } from '../../../core/phys/migrate.ts';
import { allocPages, freePages } from '../../../core/phys/page-alloc.ts';
import { pcpCount } from '../../../core/phys/pcp-lists.ts';
import { coherent, device, HIGH, machineOf, PAGE, pages, Session, type Step } from '../../support/rows.ts';
import { bytesOf, draftOf, freeCma, listOf } from './cma-looks.ts';

const isCma = ({ machine }: Session, pfn: number): boolean =>
  machine.pageblocks.get(pfn >>> machine.platform.pageblockOrder, 0) === MIGRATE_CMA;

const bootOf = (cma: number, layout = 'linux-arm-3g1g', mib = 128): Machine =>
  machineOf(layout, mib, {}, { cma: { bytes: bytesOf(cma) } });
const small = (...machine: Parameters<typeof bootOf>): Session => new Session(bootOf(...machine));

/** Takes blocks until there are none; those that came from CMA, and why there are no more. */
function exhaust(draft: Draft, order: number, gfp: number) {
  const taken: number[] = [];
  for (;;) {
    const pfn = allocPages(draft, order, gfp, USE_PAGES, 1);
    if (pfn < 0)
      return { taken, cma: taken.filter((one) => inCma(draft, one)).length, status: STATUSES[-pfn]!.name };
    taken.push(pfn);
  }
}

const inCma = (draft: Draft, pfn: number): boolean => pageblockType(draft, pfn) === MIGRATE_CMA;

const MOVABLE = GFP_KERNEL | __GFP_MOVABLE;

describe('who gets it', () => {
  test.each([
    ['GFP_KERNEL', GFP_KERNEL],
    ['GFP_ATOMIC', GFP_ATOMIC],
    ['with high memory', HIGH],
  ])('%s: nobody, and all of it is free when the request is refused', (_, gfp) => {
    const draft = draftOf(bootOf(32));
    const before = freeCmaPagesOf(draft, 0);
    expect(before).toBe(32 * 256 - 64);
    expect(exhaust(draft, 0, gfp)).toMatchObject({ cma: 0, status: 'cma-only' });
    expect(freeCmaPagesOf(draft, 0)).toBe(before);
  });

  test('down to the mark that a zone without CMA is left with', () => {
    const above = (draft: Draft): number => {
      exhaust(draft, 0, GFP_KERNEL);
      return freePagesOf(draft, 0) - freeCmaPagesOf(draft, 0) - draft.platform.zones[0]!.min;
    };
    expect(above(draftOf(bootOf(32)))).toBe(above(draftOf(machineOf('linux-arm-3g1g', 128))));
  });

  test('what can be moved gets all of it', () => {
    const draft = draftOf(bootOf(32));
    const { cma, status } = exhaust(draft, 0, MOVABLE);
    expect(status).toBe('out-of-memory');
    expect(freeCmaPagesOf(draft, 0)).toBeLessThan(draft.platform.zones[0]!.pcpBatch);
    expect(cma).toBe(32 * 256 - 64 - freeCmaPagesOf(draft, 0));
    expect(checkMachine(draft.seal(false).machine)).toEqual([]);
  });

  test('freed pages come back as CMA', () => {
    const session = small(96, 'linux-arm-3g1g', 192);
    const all = freeCma(session);
    const taken = session.do(pages(1, 4, MOVABLE));
    expect([isCma(session, taken.pfn), freeCma(session)]).toEqual([true, all - 16]);
    session.given({ kind: 'page_free', object: 1 });
    expect(freeCma(session)).toBe(all);
  });
});

describe('in which order', () => {
  /** Blocks of order 4 go straight to the buddy allocator: at each, whether CMA was more than half of what was free. */
  const balance = (draft: Draft, blocks: number) =>
    Array.from({ length: blocks }, () => {
      const [free, cma] = [freePagesOf(draft, 0), freeCmaPagesOf(draft, 0)];
      const pfn = allocPages(draft, 4, MOVABLE, USE_PAGES, 1);
      return { fromCma: inCma(draft, pfn), isMoreThanHalf: cma > free / 2 };
    });

  test('a movable block is from CMA exactly while more than half of what is free is CMA: then one and one', () => {
    const steps = balance(draftOf(bootOf(40)), 1200);
    expect(steps.every(({ fromCma, isMoreThanHalf }) => fromCma === isMoreThanHalf)).toBe(true);
    const first = steps.findIndex(({ fromCma }) => fromCma);
    expect(first).toBeGreaterThan(100);
    const after = steps.slice(first, first + 100).map(({ fromCma }) => fromCma);
    expect(after).toEqual(after.map((_, i) => i % 2 === 0));
  });

  test('before 5.8 it is the last resort', () => {
    const kernel = linuxKernel(parseVersion('5.4')!);
    const machine = machineOf('linux-arm-3g1g', 128, { kernel }, { cma: { bytes: bytesOf(40) } });
    const steps = balance(draftOf(machine), 1300);
    const first = steps.findIndex(({ fromCma }) => fromCma);
    expect(first).toBeGreaterThan(steps.findIndex(({ isMoreThanHalf }) => isMoreThanHalf) + 100);
  });

  test('where the movable lists are empty CMA comes before blocks of other types', () => {
    const draft = draftOf(bootOf(16));
    const { taken } = exhaust(draft, 10, GFP_KERNEL);
    // Their pageblocks are unmovable from now on.
    for (const pfn of taken) freePages(draft, pfn);
    const before = draft.counters[COUNTER.migrateTypeFallbacks]!;
    while (freeCmaPagesOf(draft, 0) >= 32) allocPages(draft, 0, MOVABLE, USE_PAGES, 1);
    expect(draft.counters[COUNTER.migrateTypeFallbacks]).toBe(before);
  });

  test('a batch for a cpu’s lists takes CMA until that is half of what was free when it began', () => {
    const draft = draftOf(bootOf(64));
    const share = (): number => freeCmaPagesOf(draft, 0) - Math.floor(freePagesOf(draft, 0) / 2);
    const batch = draft.platform.zones[0]!.pcpBatch;
    let pieces = 0;
    // As long as there are movable blocks beside CMA.
    for (let before = share(); freeCmaPagesOf(draft, 0) > 8192; before = share()) {
      const cma = freeCmaPagesOf(draft, 0);
      allocPages(draft, 0, MOVABLE, USE_PAGES, 1);
      drainless(draft);
      const taken = cma - freeCmaPagesOf(draft, 0);
      expect(taken).toBe(Math.min(Math.max(before, 0), batch));
      if (taken > 0 && taken < batch) pieces++;
    }
    expect(pieces).toBeGreaterThan(0);
  });

  /** Uses up what a refill put on the cpu's lists, so that the next page is a batch of its own. */
  function drainless(draft: Draft): void {
    while (pcpCount(draft, 0, 0) > 0) allocPages(draft, 0, MOVABLE, USE_PAGES, 1);
  }
});

describe('buffers', () => {
  const ring = (object: number, nrPages: number, gfp = GFP_KERNEL): Step =>
    coherent(object, 1, nrPages * PAGE, gfp);
  const ready = (session: Session): Session => session.given(device(1, 32));

  test('the first free range that is aligned to its order, to 8 at most', () => {
    const session = ready(small(64, 'linux-arm-3g1g', 1024));
    const found = [1, 1, 16, 256, 3, 1024, 1].map(
      (nrPages, i) => session.do(ring(i + 1, nrPages)).pfn - 0x7c000,
    );
    expect(found).toEqual([0x40, 0x41, 0x50, 0x100, 0x44, 0x200, 0x42]);
    const free = freeCma(session);
    expect(free).toBe(64 * 256 - 64 - 1302);
    for (let object = 1; object <= 7; object++) session.given({ kind: 'dma_free_coherent', object });
    expect(session.do(ring(8, 16128)).pfn).toBe(0x7c100);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('larger than any block of the buddy allocator; more than is left is refused on ARM', () => {
    const session = ready(small(64, 'linux-arm-3g1g', 256));
    expect(session.status(ring(1, 8192))).toBe('ok');
    expect(session.status(ring(2, 8192))).toBe('cma-space');
    // Who may not wait has it from elsewhere.
    expect(isCma(session, session.do(ring(3, 2, GFP_ATOMIC)).pfn)).toBe(false);
  });

  test('arm64: single pages do not come from it, and what it has no room for comes from elsewhere', () => {
    const session = ready(small(16, 'linux-arm64-48', 128));
    const from = (object: number, nrPages: number): boolean =>
      isCma(session, session.do(ring(object, nrPages)).pfn);
    expect([from(1, 1), from(2, 2), from(3, 3000), from(4, 1024)]).toEqual([false, true, true, false]);
    for (const object of [1, 2, 3, 4]) session.given({ kind: 'dma_free_coherent', object });
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('a device that does not reach it has memory from elsewhere', () => {
    const session = small(16, 'linux-x86_64', 128).given(device(1, 24));
    const { pfn } = session.do(ring(1, 4));
    expect([isCma(session, pfn), pfn < 4096]).toEqual([false, true]);
  });

  test('pages that were lent are in the way', () => {
    const session = ready(small(64, 'linux-arm-3g1g', 128));
    for (let object = 100; !isCma(session, session.do(pages(object, 8, MOVABLE)).pfn); object++);
    expect(session.status(ring(1, 16128))).toBe('cma-space');
    expect(session.status(ring(2, 8192))).toBe('ok');
  });
});

test('pageblocks of CMA and of others never merge, though a block may be larger than a pageblock', () => {
  const areas = [{ start: 0x44200000n, end: 0x44600000n }];
  const machine = bootMachine(buildLayout('linux-arm64-48', { ramBytes: bytesOf(128) }), { cma: { areas } });
  expect(machine.platform.cma!.areas).toEqual([{ start: 0x44200, end: 0x44600 }]);
  const draft = draftOf(machine);
  for (const pfn of exhaust(draft, 9, MOVABLE).taken) freePages(draft, pfn);
  const after = draft.seal(false).machine;
  expect(checkMachine(after)).toEqual([]);
  expect([listOf(after, 0, 10), listOf(after, 0, 9)]).toEqual([[], [0x44400]]);
});

test('whatever is taken and given back, CMA keeps its pages for what can be moved', () => {
  const gfps = [GFP_KERNEL, GFP_ATOMIC, HIGH, MOVABLE, HIGH | __GFP_MOVABLE, GFP_KERNEL | 0x10];
  const step = fc.tuple(fc.nat(5), fc.constantFrom(...gfps), fc.integer({ min: 1, max: 40 }));
  const booted = bootOf(24, 'linux-arm-3g1g', 64);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      const session = new Session(booted);
      const alive = new Set<number>();
      for (const [order, gfp, object] of steps) {
        if (alive.delete(object)) session.given({ kind: 'page_free', object });
        const { status, pfn } = session.do(pages(object, order, gfp));
        if (status !== 'ok') continue;
        alive.add(object);
        if ((gfp & 0x18) !== __GFP_MOVABLE) expect(isCma(session, pfn)).toBe(false);
      }
      expect(checkMachine(session.machine)).toEqual([]);
    }),
    { numRuns: 8 },
  );
});
