/** How much the lists of a cpu hold, and how much of it goes back at a time. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { __GFP_MOVABLE, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { linuxKernel } from '../../../core/kernel/linux.ts';
import { parseVersion } from '../../../core/kernel/version.ts';
import { pcpCount } from '../../../core/phys/pcp-lists.ts';
import { machineOf, pages, Session, sessionOf } from '../../support/rows.ts';

const session = sessionOf('linux-3g1g', 512);
const normal = session.machine.platform.zones[1]!;
const { pcpBatch: batch, pcpHigh: high } = normal;
const PAGES = 6 * high;
let freed = 0;

/** Frees pages until some go back; how many. */
function nextDrain(): number {
  for (;;) {
    const before = pcpCount(session.machine, 0, 1);
    session.given({ kind: 'page_free', object: ++freed });
    const drained = before + 1 - pcpCount(session.machine, 0, 1);
    if (drained > 0) return drained;
  }
}

test('while pages are freed only, twice as many go back each time, until a batch is left; then as many again', () => {
  session.given(...Array.from({ length: PAGES }, (_, i) => pages(1 + i, 0)));
  const most = high - batch;
  const doubled = [1, 2, 4, 8, 16, 32, 64].map((n) => n * batch).filter((n) => n < most);
  expect(doubled.length).toBeGreaterThan(2);
  expect([...doubled, most, most].map(nextDrain)).toEqual([...doubled, most, most]);
  // An allocation halves what log2 of that has grown to.
  session.given({ kind: 'page_alloc', object: PAGES + 1, order: 0, gfp: GFP_KERNEL });
  expect(nextDrain()).toBe(batch * 2 ** (doubled.length >> 1));
});

test('it doubles five times at most', () => {
  const s = sessionOf('linux-x86_64', 128);
  const zone = s.machine.platform.zones[1]!;
  const drains = new Set<number>();
  expect(zone.pcpHigh - zone.pcpBatch).toBeGreaterThan(64 * zone.pcpBatch);
  s.given(...Array.from({ length: 4 * zone.pcpHigh }, (_, i) => pages(1 + i, 0)));
  for (let object = 1; object <= 4 * zone.pcpHigh; object++) {
    const before = pcpCount(s.machine, 0, 1);
    s.given({ kind: 'page_free', object });
    drains.add(before + 1 - pcpCount(s.machine, 0, 1));
  }
  expect(Math.max(...drains)).toBe(32 * zone.pcpBatch);
});

describe('huge pages', () => {
  const HUGE = 512;
  const huge = (object: number, gfp = GFP_KERNEL) => pages(object, 9, gfp);
  const built = (version: string): Session =>
    new Session(
      machineOf('linux-x86_64', 512, { kernel: linuxKernel(parseVersion(version)!) }, { thp: 'madvise' }),
    );
  const onLists = ({ machine }: Session): number => pcpCount(machine, 0, 1);

  test('where a kernel is built with them a cpu keeps some: two are taken at once, and one that is freed is the next', () => {
    const s = built('6.1');
    const before = onLists(s);
    const { pfn } = s.do(huge(1));
    expect(onLists(s) - before).toBe(HUGE);
    s.given({ kind: 'page_free', object: 1 });
    expect(onLists(s) - before).toBe(2 * HUGE);
    expect(s.do(huge(2)).pfn).toBe(pfn);
    expect(checkMachine(s.machine)).toEqual([]);
  });

  test('movable ones have a list of their own', () => {
    const s = built('6.1').given(huge(1), { kind: 'page_free', object: 1 });
    const before = onLists(s);
    s.given(huge(2, GFP_KERNEL | __GFP_MOVABLE));
    expect(onLists(s) - before).toBe(HUGE);
  });

  test.each([
    ['before 5.14', built('5.13')],
    ['where a kernel is built without', sessionOf('linux-x86_64', 512)],
  ])('%s they go straight to the buddy allocator', (_, s) => {
    const before = onLists(s);
    s.given(huge(1), { kind: 'page_free', object: 1 });
    expect(onLists(s)).toBe(before);
  });

  test('they are hoarded while pages are freed only, where smaller blocks are not', () => {
    const s = built('6.1');
    const nrBlocks = Math.ceil(s.machine.platform.zones[1]!.pcpHigh / HUGE) + 2;
    for (let object = 1; object <= nrBlocks; object++) s.given(huge(object));
    for (let object = 1; object <= nrBlocks; object++) s.given({ kind: 'page_free', object });
    expect(onLists(s)).toBeGreaterThan(HUGE);
    s.given(pages(1, 1), { kind: 'page_free', object: 1 });
    expect(onLists(s)).toBe(0);
  });

  test('before 5.14 only single pages are kept', () => {
    const old = new Session(machineOf('linux-x86_64', 512, { kernel: linuxKernel(parseVersion('5.13')!) }));
    const kept = (order: number): number => {
      const before = onLists(old);
      old.given(pages(1, order), { kind: 'page_free', object: 1 });
      return onLists(old) - before;
    };
    expect([kept(1), kept(3)]).toEqual([0, 0]);
    expect(kept(0)).toBeGreaterThan(0);
  });
});
