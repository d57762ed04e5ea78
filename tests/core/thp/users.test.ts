/** Who else knows of huge pages: TLBs, devices, reclaim. */

import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import { MADV_DONTNEED, MADV_NOHUGEPAGE, PROT_READ } from '../../../core/event/mmap-flags.ts';
import { PAGES_VAR } from '../../../core/pages/state.ts';
import { pteFrame } from '../../../core/paging/pte.ts';
import type { ThpMode } from '../../../core/thp/settings.ts';
import {
  access,
  device,
  dmaMap,
  dmaUnmap,
  MIB,
  madvise,
  mmap,
  mprotect,
  munmap,
  PAGE,
} from '../../support/rows.ts';
import { flagsOf, look } from '../reclaim/looks.ts';
import {
  counters,
  exit,
  fork,
  free,
  given,
  HUGE,
  huge,
  isHuge,
  leafOf,
  running,
  switchTo,
} from './huge-sessions.ts';

describe('TLBs', () => {
  test('know a huge page by one entry; a walk reads one table entry fewer', () => {
    const walks = (thp: ThpMode): number[] => {
      const at = huge(running());
      const session = running(thp).given(
        ...Array.from({ length: 100 }, (_, i) => access(1, at + i * PAGE, 8, WRITE)),
      );
      return counters(session, 'walks', 'walkReferences');
    };
    expect(walks('always')).toEqual([1, 3]);
    expect(walks('never')).toEqual([100, 4 + 99]);
  });

  test('forget few huge pages one by one, though they are many base pages', () => {
    const session = running().given(mmap(2, PAGE));
    const at = [0, 1, 2].map((n) => huge(session, n));
    session.given(...at.map((offset) => access(1, offset, 8, WRITE)), access(2, 0, 8, WRITE));
    session.given(munmap(1, at[1]!, HUGE));
    const seen = [access(1, at[0]!, 8), access(1, at[2]!, 8), access(2, 0, 8)].map(
      (step) => session.do(step).tlb,
    );
    expect(seen).toEqual(['l1', 'l1', 'l1']);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('forget a huge page alone whose rights change', () => {
    const session = running().given(mmap(2, PAGE), access(2, 0, 8, WRITE));
    const at = huge(session);
    session.given(access(1, at, 8, WRITE), mprotect(1, at, HUGE, PROT_READ));
    expect([access(2, 0, 8), access(1, at, 8)].map((step) => session.do(step).tlb)).toEqual(['l1', 'walk']);
  });

  test('a cache of directory-pointer entries leaves one entry to read', () => {
    const mmu = { pdpteCache: { sets: 1, ways: 4 } };
    const session = running('always', { mmu });
    session.given(access(1, huge(session), 8, WRITE), access(1, huge(session, 1), 8, WRITE));
    expect(counters(session, 'walks', 'walkReferences', 'pdpteCacheHits')).toEqual([2, 3 + 1, 1]);
  });

  test('forget everything when one is split', () => {
    const session = running().given(mmap(2, PAGE), access(2, 0, 8, WRITE));
    session.given(access(1, huge(session), 8, WRITE), munmap(1, huge(session) + PAGE, PAGE));
    expect(session.do(access(2, 0, 8)).tlb).toBe('walk');
    expect(session.do(access(1, huge(session), 8)).tlb).toBe('walk');
  });

  test('of an ARM, which name pages one by one however many they are, forget the one that is split, and nothing else', () => {
    const session = running('always', {}, 'linux-arm-3g1g-lpae').given(mmap(2, PAGE), access(2, 0, 8, WRITE));
    given(session, access(1, huge(session), 8, WRITE), munmap(1, huge(session) + PAGE, PAGE));
    expect(session.do(access(2, 0, 8)).tlb).toBe('l1');
    expect(session.do(access(1, huge(session), 8)).tlb).toBe('walk');
  });

  test('a load before the first store: the dirty bit is that of the whole', () => {
    const session = running();
    const at = huge(session);
    session.given(access(1, at, 8, WRITE), fork(2), switchTo(2), exit, switchTo(1), access(1, at, 8, WRITE));
    session.given(switchTo(1), access(1, at + PAGE, 8), access(1, at + 2 * PAGE, 8, WRITE));
    expect(session.counter('dirtyAssists')).toBe(0);
  });
});

describe('a device', () => {
  test('holds the whole of a huge page as long as it has a page of it', () => {
    const session = running().given(device(1, 64));
    const at = huge(session);
    const before = free(session);
    given(
      session,
      access(1, at, 8, WRITE),
      dmaMap('sg', 1, 1, at + PAGE, PAGE),
      madvise(1, at, HUGE, MADV_DONTNEED),
    );
    expect(before - free(session)).toBeGreaterThanOrEqual(512);
    given(session, dmaUnmap(1, 1, at + PAGE));
    expect(before - free(session)).toBeLessThan(512);
  });

  test('reads the huge zero page, which stays for it', () => {
    const session = running().given(device(1, 64));
    const at = huge(session);
    given(
      session,
      access(1, at, 8, READ),
      dmaMap('sg', 1, 1, at + PAGE, PAGE, 1),
      madvise(1, at, HUGE, MADV_DONTNEED),
    );
    given(session, dmaUnmap(1, 1, at + PAGE));
    expect(session.machine.vars[PAGES_VAR.hugeZeroPfn]).toBe(0);
  });
});

describe('reclaim', () => {
  test('splits a huge page, writes its base pages to the swap area, and they come back one by one', () => {
    const session = running('always', { reclaim: { swapBytes: 64n << 20n } }, 'linux-x86_64', 32);
    const at = huge(session);
    given(session, access(1, at, 8, WRITE), mmap(2, 40 * MIB), madvise(2, 0, 0, MADV_NOHUGEPAGE));
    session.given(...Array.from({ length: 8000 }, (_, page) => access(2, page * PAGE, 8, WRITE)));
    expect(checkMachine(session.machine)).toEqual([]);
    const [splits, written] = counters(session, 'thpSplitPage', 'pswpout');
    expect(splits).toBeGreaterThan(0);
    expect(written).toBeGreaterThan(512);
    expect(session.do(access(1, at + PAGE, 8)).fault).toBe('swap-in');
    expect(isHuge(session, at)).toBe(false);
  });

  test('leaves base pages that nobody has used since, as the huge page was', () => {
    const session = running('always', { reclaim: { swapBytes: 64n << 20n } });
    session.given(access(1, huge(session), 8, WRITE));
    const pfn = pteFrame(leafOf(session, huge(session)).pte);
    expect([look(session, pfn), flagsOf(session, pfn).referenced]).toEqual(['kept', true]);
    expect([look(session, pfn), session.counter('thpSplitPage')]).toEqual(['kept', 1]);
    expect([pfn, pfn + 1].map((page) => flagsOf(session, page).referenced)).toEqual([false, false]);
  });

  test('of huge pages alone: there are fewer to look at than there are pages', () => {
    const session = running('always', { reclaim: { swapBytes: 64n << 20n } }, 'linux-x86_64', 32);
    session.given(mmap(2, 8 * MIB));
    const use = (): void => {
      for (const object of [1, 2])
        for (const n of [0, 1, 2]) session.given(access(object, huge(session, n, object), 8, WRITE));
    };
    use();
    for (let object = 100; object < 8000 && session.counter('pgdeactivate') === 0; object++) {
      const scanned = session.counter('pgscanKswapd') + session.counter('pgscanDirect');
      session.status({ kind: 'page_alloc', object, order: 0, gfp: GFP_KERNEL });
      if (session.counter('pgscanKswapd') + session.counter('pgscanDirect') > scanned) use();
    }
    expect(session.counter('pgactivate')).toBeGreaterThan(0);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('frees what of a split one nobody maps any more', () => {
    const session = running('always', { reclaim: { swapBytes: 64n << 20n } }, 'linux-x86_64', 32);
    const at = huge(session);
    given(
      session,
      access(1, at, 8, WRITE),
      munmap(1, at + PAGE, HUGE - PAGE),
      mmap(2, 40 * MIB),
      madvise(2, 0, 0, MADV_NOHUGEPAGE),
    );
    session.given(...Array.from({ length: 8000 }, (_, page) => access(2, page * PAGE, 8, WRITE)));
    expect(session.counter('thpSplitPage')).toBeGreaterThan(0);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});
