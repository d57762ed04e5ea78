/** kmap and kunmap against the kernel's algorithm, and at the edges of the window. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { KERNEL_MODE } from '../../../core/event/access-mode.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { NaiveKmap } from '../../models/naive-windows.ts';
import { atDepth } from '../../support/depth.ts';
import { pc } from '../../support/pc.ts';
import { HIGH, Session, type Step } from '../../support/rows.ts';

const SLOTS = 1024;
const PAGES = 1500;

const highPage = (object: number): Step => ({ kind: 'page_alloc', object, order: 0, gfp: HIGH });
const kmap = (object: number, page = 0): Step => ({ kind: 'kmap', object, page });
const kunmap = (object: number, page = 0): Step => ({ kind: 'kunmap', object, page });
const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** Objects 1 to PAGES are single pages of high memory. */
const prepared: Machine = (() => {
  const session = new Session(pc);
  return session.given(...range(1, PAGES).map(highPage)).machine;
})();
const { pkmapVpn } = prepared.platform;

test('random maps, unmaps and frees take the slots that the kernel would', () => {
  // Mostly maps at first, so that the window fills; each choice is one page or a run of them.
  const choice = fc.record({
    what: fc.constantFrom('kmap', 'kmap', 'kmap', 'kunmap', 'kunmap', 'free'),
    first: fc.integer({ min: 1, max: PAGES }),
    length: fc.constantFrom(1, 1, 10, 300, 700),
  });
  fc.assert(
    fc.property(fc.array(choice, { maxLength: 40, size: 'max' }), (choices) => {
      const session = new Session(prepared);
      const naive = new NaiveKmap(SLOTS);
      for (const { what, first, length } of choices) {
        for (const object of range(first, Math.min(first + length - 1, PAGES))) {
          if (what === 'kmap') {
            const slot = naive.kmap(object);
            const { status, vpn } = session.do(kmap(object));
            const expected =
              slot === undefined ? { status: 'kmap-slots', vpn: 0 } : { status: 'ok', vpn: pkmapVpn + slot };
            if (status !== expected.status || vpn !== expected.vpn)
              expect({ status, vpn }, `kmap ${object}`).toEqual(expected);
          } else if (what === 'kunmap') {
            const status = session.status(kunmap(object));
            const expected = naive.kunmap(object) ? 'ok' : 'no-mapping';
            if (status !== expected) expect(status, `kunmap ${object}`).toBe(expected);
          } else if (length === 1) {
            naive.forget(object);
            session.given({ kind: 'page_free', object }, highPage(object));
          }
        }
      }
      expect(checkMachine(session.machine)).toEqual([]);
    }),
    { numRuns: atDepth({ quick: 2, full: 6 }) },
  );
});

describe('the window', () => {
  test('begins at its second slot, ends with its first, and then is full', () => {
    const session = new Session(prepared);
    const slots = range(1, SLOTS).map((object) => session.do(kmap(object)).vpn - pkmapVpn);
    expect(slots).toEqual([...range(1, SLOTS - 1), 0]);
    expect(session.status(kmap(SLOTS + 1))).toBe('kmap-slots');
    expect(session.counter('kmapSlots')).toBe(SLOTS);
    session.given(kunmap(700));
    expect(session.do(kmap(SLOTS + 1))).toMatchObject({ status: 'ok', vpn: pkmapVpn + 700 });
  });

  test('a slot that is flushed when the window wraps is gone from every TLB', () => {
    const session = new Session(prepared).given(kmap(1), kmap(2));
    for (const [cpu, object] of [
      [0, 1],
      [1, 1],
      [1, 2],
    ] as const)
      session.given({ kind: 'access', cpu, object, offset: 0, size: 8, mode: KERNEL_MODE });
    session.given(kunmap(1), ...range(3, SLOTS + 1).map((object) => kmap(object)));
    expect(checkMachine(session.machine)).toEqual([]);
    expect(session.do({ kind: 'access', object: SLOTS + 1, offset: 0, size: 8, mode: KERNEL_MODE }).tlb).toBe(
      'walk',
    );
    expect(session.status({ kind: 'access', object: 1, offset: 0, size: 8, mode: KERNEL_MODE })).toBe(
      'high-page',
    );
  });

  test('a search that finds nothing ends at the last slot: the next one begins with what the wrap flushes', () => {
    const session = new Session(prepared).given(...range(1, SLOTS).map((object) => kmap(object)));
    expect(session.status(kmap(SLOTS + 1))).toBe('kmap-slots');
    session.given(kunmap(3), { kind: 'page_free', object: 700 });
    expect(session.do(kmap(SLOTS + 1)).vpn).toBe(pkmapVpn + 3);
  });

  test('a wrap that finds all slots in use flushes no TLB', () => {
    const session = new Session(prepared).given(...range(1, SLOTS).map((object) => kmap(object)));
    session.given({ kind: 'access', object: 1, offset: 0, size: 8, mode: KERNEL_MODE });
    const before = session.counter('tlbFlushes');
    expect(session.status(kmap(SLOTS + 1))).toBe('kmap-slots');
    expect(session.counter('tlbFlushes')).toBe(before);
  });

  test('a page that is mapped again before the window wraps gets its old address', () => {
    const session = new Session(prepared).given(kmap(1), kunmap(1), kmap(2));
    expect(session.do(kmap(1)).vpn).toBe(pkmapVpn + 1);
  });

  test('a page is unmapped as often as it was mapped, and no more', () => {
    const session = new Session(prepared).given(kmap(1), kmap(1), kunmap(1), kunmap(1));
    expect(session.status(kunmap(1))).toBe('no-mapping');
    expect(session.counter('kmapSlots')).toBe(0);
    expect(session.counter('kmapSlotsPeak')).toBe(1);
    // Its entry is still there, in use by nobody.
    session.given({ kind: 'page_free', object: 1 });
    expect(session.counter('kmapSlots')).toBe(0);
  });

  test('a high page can be accessed through its slot only', () => {
    const access: Step = { kind: 'access', object: 1, offset: 0, size: 8, mode: KERNEL_MODE };
    const session = new Session(prepared);
    expect(session.status(access)).toBe('high-page');
    session.given(kmap(1));
    expect(session.do(access)).toMatchObject({ status: 'ok', tlb: 'walk' });
    expect(session.counter('kernelVirtualReferences')).toBe(1);
    session.given({ kind: 'page_free', object: 1 });
    expect(session.status(access)).toBe('no-object');
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('a low page has its address already', () => {
    const session = new Session(prepared);
    const { vpn } = session.do({ kind: 'page_alloc', object: 9000, order: 1, gfp: GFP_KERNEL });
    expect(session.do(kmap(9000, 1))).toMatchObject({
      status: 'ok',
      vpn: vpn + 1,
      address: 'kernel-logical',
    });
    expect(session.counter('kmapSlots')).toBe(0);
    session.given(kunmap(9000, 1));
  });

  test('pages of a larger block have slots of their own, also when their frames were free blocks before', () => {
    const session = new Session(pc);
    session.given(...range(1, 8).map(highPage));
    for (const object of [2, 1, 4, 3, 6, 5, 8, 7]) session.given({ kind: 'page_free', object });
    session.given({ kind: 'page_alloc', object: 1, order: 3, gfp: HIGH });
    for (const page of range(0, 7)) {
      const access: Step = { kind: 'access', object: 1, offset: page * 4096, size: 8, mode: KERNEL_MODE };
      expect(session.status(access), `page ${page}`).toBe('high-page');
      expect(session.do(kmap(1, page))).toMatchObject({
        status: 'ok',
        vpn: session.machine.platform.pkmapVpn + page + 1,
      });
    }
    expect(session.status(kmap(1, 8))).toBe('no-mapping');
  });
});
