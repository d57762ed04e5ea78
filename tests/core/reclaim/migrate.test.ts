/** Pages that CMA has lent are moved away for a buffer: what becomes of each kind of page, and the laws under pressure. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import { batchOf } from '../../../core/event/batch.ts';
import { MAP_POPULATE, MAP_SHARED } from '../../../core/event/mmap-flags.ts';
import { LRU_LISTS } from '../../../core/pages/lru.ts';
import { lruSize } from '../../../core/pages/lru-links.ts';
import { pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';
import { MIGRATE_CMA } from '../../../core/phys/migrate.ts';
import { expectLaws } from '../../support/laws.ts';
import {
  access,
  coherent,
  device,
  dmaMap,
  eventOf,
  MIB,
  machineOf,
  mlock,
  mmap,
  PAGE,
  RUNNING,
  RW,
  Session,
  type Step,
} from '../../support/rows.ts';
import { pressure } from './pressure.ts';

const RAM_MIB = 64;
const CMA = { bytes: 32n << 20n };
const booted = machineOf('linux-arm-3g1g', RAM_MIB, {}, { cma: CMA, reclaim: { swapBytes: 64n << 20n } });
const session = (): Session => new Session(booted).given(device(1, 32), ...RUNNING);

const ring = (object: number, mib: number): Step => coherent(object, 1, mib * MIB);
const isCma = ({ machine }: Session, pfn: number): boolean =>
  machine.pageblocks.get(pfn >>> machine.platform.pageblockOrder, 0) === MIGRATE_CMA;
/** Of an object of a process, page by page. */
function framesOf({ machine }: Session, object: number, pid = 1): number[] {
  const { processes, mms } = machine.records;
  const { root, vmas } = mms[processes[pid]!.mm]!;
  const { startVpn, nrPages } = vmas.toArray().find((vma) => vma.object === object)!;
  return Array.from({ length: nrPages }, (_, i) => pteFrame(findLeaf(machine, root, startVpn + i).pte));
}

/** More than is free in a row, less than there is room for. */
const MOST_MIB = 20;
const RING_PAGES = (MOST_MIB * MIB) / PAGE;
const FILE_MIB = 30;
const FILE_PAGES = (FILE_MIB * MIB) / PAGE;
/** So much is in use that most of CMA is lent. */
const populated = (object: number, flags = 0, mib = FILE_MIB): Step =>
  mmap(object, mib * MIB, RW | MAP_POPULATE | flags);

describe('pages that are in the way', () => {
  test('of a process: each is copied elsewhere, and nobody notices but by the time', () => {
    const on = session().given(populated(1));
    const before = framesOf(on, 1);
    expect(before.filter((pfn) => isCma(on, pfn)).length).toBeGreaterThan(2500);
    const { status, pfn, latencyNs } = on.do(ring(2, MOST_MIB));
    expect([status, isCma(on, pfn)]).toEqual(['ok', true]);
    expect(checkMachine(on.machine)).toEqual([]);
    const after = framesOf(on, 1);
    const moved = after.filter((frame, i) => frame !== before[i]).length;
    expect(before.filter((frame) => frame >= pfn && frame < pfn + RING_PAGES)).toHaveLength(moved);
    expect(after.filter((frame) => frame >= pfn && frame < pfn + RING_PAGES)).toEqual([]);
    expect(latencyNs).toBeGreaterThan(moved * booted.platform.costs.copyPageNs);
    expect([on.counter('pswpin'), on.counter('pswpout')]).toEqual([0, 0]);
  });

  test('of a process and its child: both have the copy', () => {
    const on = session().given(populated(1), { kind: 'fork', pid: 2 }, ring(2, MOST_MIB));
    expect(checkMachine(on.machine)).toEqual([]);
    expect(framesOf(on, 1, 2)).toEqual(framesOf(on, 1, 1));
    on.given({ kind: 'switch', pid: 2 });
    expect(on.do(access(1, 0, 8, WRITE)).fault).toBe('copy-on-write');
  });

  test('of a file: clean ones are dropped, dirty ones moved, and come from no disk again', () => {
    const cached = (dirty: boolean): Session => {
      const file: Step[] = [
        { kind: 'file', file: 1, length: FILE_MIB * MIB },
        { kind: 'file_read', file: 1, offset: 0, length: FILE_MIB * MIB },
        mmap(1, FILE_MIB * MIB, RW | MAP_SHARED, 1),
      ];
      const on = session().given(...file);
      const pages = dirty ? FILE_PAGES : 0;
      on.given(...Array.from({ length: pages }, (_, page) => access(1, page * PAGE, 8, WRITE)));
      return on.given(ring(2, MOST_MIB));
    };
    const [clean, dirty] = [cached(false), cached(true)];
    expect([clean, dirty].map((on) => checkMachine(on.machine))).toEqual([[], []]);
    expect(clean.counter('pageCachePages')).toBeLessThan(FILE_PAGES - 1000);
    expect([dirty.counter('pageCachePages'), dirty.counter('fileWritebacks')]).toEqual([FILE_PAGES, 0]);
  });

  test('locked ones move too, and shared memory', () => {
    for (const flags of [0, MAP_SHARED]) {
      const on = session().given(populated(1, flags), mlock(1, 0, FILE_MIB * MIB), ring(2, MOST_MIB));
      expect(checkMachine(on.machine)).toEqual([]);
      expect(LRU_LISTS.reduce((sum, list) => sum + lruSize(on.machine, list), 0)).toBe(FILE_PAGES);
    }
  });

  test('one that a device works on stays, and the buffer goes behind it', () => {
    const on = session().given(populated(1));
    const lowest = Math.min(...framesOf(on, 1).filter((pfn) => isCma(on, pfn)));
    const page = framesOf(on, 1).indexOf(lowest);
    on.given(dmaMap('sg', 1, 1, page * PAGE, PAGE));
    const { pfn } = on.do(ring(2, 8));
    expect(pfn).toBeGreaterThan(lowest);
    expect(framesOf(on, 1)[page]).toBe(lowest);
    expect(checkMachine(on.machine)).toEqual([]);
  });

  test('without room for the copies, and without a swap area, the buffer is refused, and every page is somewhere', () => {
    const full = machineOf('linux-arm-3g1g', RAM_MIB, {}, { cma: CMA, reclaim: {} });
    const on = new Session(full).given(device(1, 32), ...RUNNING, populated(1, 0, 46));
    expect(on.status(ring(2, 24))).toBe('cma-space');
    expect(checkMachine(on.machine)).toEqual([]);
    expect(new Set(framesOf(on, 1)).size).toBe((46 * MIB) / PAGE);
    expect(on.status(access(1, 0, 8, WRITE))).toBe('ok');
  });

  test('where others are swapped out to make room for the copies, those in the way are among them', () => {
    const on = session().given(populated(1, 0, 46), ring(2, 24));
    expect(checkMachine(on.machine)).toEqual([]);
    expect(on.counter('pswpout')).toBeGreaterThan(1000);
  });

  test('a machine that does not reclaim passes over them', () => {
    const on = new Session(machineOf('linux-arm-3g1g', RAM_MIB, {}, { cma: CMA }));
    on.given(device(1, 32), ...RUNNING, populated(1));
    expect(on.status(ring(2, MOST_MIB))).toBe('cma-space');
  });
});

describe('the laws, with buffers between what programs do', () => {
  const boot = () =>
    machineOf(
      'linux-arm-3g1g',
      48,
      { cpus: 2 },
      { cma: { bytes: 16n << 20n }, reclaim: { swapBytes: 8n << 20n } },
    );
  const sizes = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 3, maxLength: 6 });
  const buffers = sizes.map((pages) =>
    batchOf([device(1, 32), ...pages.map((nrPages, i) => coherent(200 + i, 1, nrPages * PAGE))].map(eventOf)),
  );
  const freed = batchOf([0, 2, 4].map((i) => eventOf({ kind: 'dma_free_coherent', object: 200 + i })));
  const events = fc
    .tuple(pressure(25), buffers, pressure(25), buffers)
    .map(([first, some, then, more]) => [first, some, freed, then, more]);
  test('pages are somewhere, once, and the same bits come of any batches, before which nothing is changed', () => {
    fc.assert(
      fc.property(events, (all) => void expectLaws(boot, all, 250)),
      { numRuns: 2 },
    );
  });
});
