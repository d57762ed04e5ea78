/** Huge pages of which a part is mapped no more: they wait in line, and reclaim splits them when it finds little else. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import { MADV_NOHUGEPAGE } from '../../../core/event/mmap-flags.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { ACTIVE_ANON, activate, lruList, lruListOf, PG_WORKINGSET } from '../../../core/pages/lru.ts';
import { LRU } from '../../../core/pages/lru-links.ts';
import { firstQueued, nextQueued, queueLength } from '../../../core/pages/split-queue.ts';
import { pteFrame } from '../../../core/paging/pte.ts';
import { shrinkSplitQueue } from '../../../core/reclaim/deferred-split.ts';
import { ReverseMap } from '../../../core/reclaim/rmap.ts';
import type { Session } from '../../support/rows.ts';
import { access, device, dmaMap, MIB, madvise, mmap, munmap, PAGE } from '../../support/rows.ts';
import { within } from '../reclaim/looks.ts';
import { free, HUGE, huge, leafOf, running } from './huge-sessions.ts';

/** Without a swap area: nothing but splitting gives memory back. */
const machine = (mib = 256): Session => running('always', { reclaim: {} }, 'linux-x86_64', mib);

/** First frames, as they wait. */
function waiting(of: Machine): number[] {
  const found: number[] = [];
  for (let at = firstQueued(of); at !== 0; at = nextQueued(of, at)) found.push(at);
  expect(found.length).toBe(queueLength(of));
  return found;
}

const frameAt = (session: Session, at: number): number => pteFrame(leafOf(session, at).pte);

/** Of three huge pages the last `given` pages are given back; their first frames. */
function partlyMapped(session: Session, given = 1): number[] {
  const starts = [0, 1, 2].map((n) => huge(session, n));
  session.given(...starts.map((at) => access(1, at, 8, WRITE)));
  const firsts = starts.map((at) => frameAt(session, at));
  session.given(...starts.map((at) => munmap(1, at + HUGE - given * PAGE, given * PAGE)));
  return firsts;
}

const shrink = (session: Session, priority: number): void =>
  within(session, (draft) => shrinkSplitQueue(draft, new ReverseMap(draft), priority));

describe('who waits', () => {
  test('does so in the order in which they lost a part, once each', () => {
    const session = machine();
    const firsts = partlyMapped(session);
    session.given(munmap(1, huge(session), PAGE));
    expect(waiting(session.machine)).toEqual(firsts);
    expect(session.counter('thpDeferredSplitPage')).toBe(3);
  });

  test('leaves the line with its last page, wherever it stands', () => {
    const session = machine();
    const [first, second, third] = partlyMapped(session);
    session.given(munmap(1, huge(session, 1), HUGE));
    expect(waiting(session.machine)).toEqual([first, third]);
    expect(second).not.toBe(first);
    session.given(munmap(1, 0, 0));
    expect(waiting(session.machine)).toEqual([]);
    expect(session.machine.splitQueue.get(0, 0)).toBe(0);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

describe('a round of reclaim', () => {
  test.each([
    // Twice the share of the lists, and all of them or none: what is too little waits for the next rounds.
    { priorities: [12], left: 3 },
    { priorities: [1], left: 3 },
    { priorities: [1, 1], left: 0 },
    { priorities: [0], left: 0 },
  ])('at priorities $priorities leaves $left of three', ({ priorities, left }) => {
    const session = machine();
    partlyMapped(session, 100);
    const before = free(session);
    for (const priority of priorities) shrink(session, priority);
    expect(waiting(session.machine).length).toBe(left);
    expect(session.counter('thpSplitPage')).toBe(3 - left);
    expect(free(session) - before).toBe((3 - left) * 100);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('leaves base pages where the huge page was on its list, the first one to be looked at first', () => {
    const session = machine();
    const [first, second, third] = partlyMapped(session);
    const list = lruListOf(session.machine, second!);
    const others = lruList(session.machine, list).filter((pfn) => ![first, second, third].includes(pfn));
    shrink(session, 0);
    const parts = (from: number): number[] => Array.from({ length: 511 }, (_, i) => from + 510 - i);
    const pages = lruList(session.machine, list).filter((pfn) => !others.includes(pfn));
    expect(pages).toEqual([...parts(third!), ...parts(second!), ...parts(first!)]);
  });

  test.each([0, 510])('frees what nobody maps: 2 pages from page %i of the huge page on', (from) => {
    const session = machine();
    const at = huge(session);
    session.given(access(1, at, 8, WRITE));
    const first = frameAt(session, at);
    session.given(munmap(1, at + from * PAGE, 2 * PAGE));
    const before = free(session);
    shrink(session, 0);
    expect(free(session) - before).toBe(2);
    expect(lruListOf(session.machine, first + from)).toBe(-1);
    expect(lruListOf(session.machine, first + 256)).toBe(0);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('leaves base pages as active as the huge page was', () => {
    const session = machine();
    const [first] = partlyMapped(session);
    within(session, (draft) => activate(draft, first!, PG_WORKINGSET));
    shrink(session, 0);
    for (const pfn of [first!, first! + 1, first! + 510]) {
      expect(lruListOf(session.machine, pfn)).toBe(ACTIVE_ANON);
      expect(session.machine.lru.get(pfn, LRU.state) & PG_WORKINGSET).not.toBe(0);
    }
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('lets what a device holds wait again, behind the others', () => {
    const session = machine();
    const [first, second, third] = partlyMapped(session);
    session.given(device(1, 64), dmaMap('sg', 1, 1, huge(session), PAGE));
    shrink(session, 0);
    expect(waiting(session.machine)).toEqual([first]);
    session.given(munmap(1, huge(session, 1), HUGE), munmap(1, huge(session, 2), HUGE));
    expect([second, third].every((pfn) => lruListOf(session.machine, pfn!) < 0)).toBe(true);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

test('memory that is short comes from there before anybody is killed', () => {
  const session = machine(32);
  partlyMapped(session, 511);
  session.given(mmap(2, 40 * MIB), madvise(2, 0, 0, MADV_NOHUGEPAGE));
  const limit = free(session) + 3 * 256;
  for (let page = 0; page < limit; page++) session.given(access(2, page * PAGE, 8, WRITE));
  expect(session.counter('thpSplitPage')).toBe(3);
  expect(session.counter('oomKills')).toBe(0);
  expect(checkMachine(session.machine)).toEqual([]);
});
