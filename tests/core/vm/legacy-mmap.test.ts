/**
 * The old order of mappings: upwards from a third of user space (vm.legacy_va_layout, personality ADDR_COMPAT_LAYOUT;
 * mmap_is_legacy and mmap_legacy_base of arch/x86/mm/mmap.c, vm_unmapped_area of mm/mmap.c, v6.1).
 */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { PLACE_STACK, PLACE_TEXT, PROT_EXEC } from '../../../core/event/mmap-flags.ts';
import {
  brk,
  MIB,
  machineOf,
  mmap,
  mremapFixed,
  munmap,
  PAGE,
  RUNNING,
  RW,
  Session,
  type Step,
} from '../../support/rows.ts';

const legacy = (layout: string, legacyMmap = true): Session =>
  new Session(machineOf(layout, 128, {}, { legacyMmap })).given(...RUNNING);
const GIB = 1024 * MIB;

describe('the first mapping lies', () => {
  test.each([
    { layout: '3g1g', upwards: 0x40000000, downwards: 0xb8000000 },
    { layout: 'linux-3g1g', upwards: 0x40000000, downwards: 0xb8000000 },
    // TASK_SIZE / 3, up to a whole page.
    { layout: 'linux-2g2g', upwards: 0x2aaab000, downwards: 0x78000000 },
    { layout: 'linux-1g3g', upwards: 0x15556000, downwards: 0x38000000 },
    { layout: 'linux-x86_64', upwards: 0x2aaaaaaab000, downwards: 0x7ffff7fff000 },
    // Above 47 bits only for those who ask for it.
    { layout: 'linux-x86_64-la57', upwards: 0x2aaaaaaab000, downwards: 0x7ffff7fff000 },
  ])('of $layout at $upwards upwards, ends at $downwards otherwise', ({ layout, upwards, downwards }) => {
    expect(legacy(layout).do(mmap(1, PAGE)).vpn * PAGE).toBe(upwards);
    expect((legacy(layout, false).do(mmap(1, PAGE)).vpn + 1) * PAGE).toBe(downwards);
  });
});

describe('mappings of 3 GiB of user space', () => {
  const BASE = 0x40000000;
  const start = (session: Session, step: Step): number => session.do(step).vpn * PAGE;

  test('go upwards, each next to the one before, and into the lowest hole that is large enough', () => {
    const session = legacy('linux-3g1g');
    const sizes = [2, 1, 3, 1];
    expect(sizes.map((pages, i) => (start(session, mmap(i + 1, pages * PAGE)) - BASE) / PAGE)).toEqual([
      0, 2, 3, 6,
    ]);
    session.given(munmap(2, 0, 0), munmap(3, 0, 0));
    // The hole has four pages.
    expect((start(session, mmap(5, 5 * PAGE)) - BASE) / PAGE).toBe(7);
    expect((start(session, mmap(6, 4 * PAGE)) - BASE) / PAGE).toBe(2);
  });

  test('end at the stack’s guard gap, and there is nothing below the base', () => {
    const session = legacy('linux-3g1g').given(mmap(1, 8 * MIB, RW | PLACE_STACK));
    const stack = session.machine.records.mms[1]!.vmas.toArray()[0]!;
    const room = stack.startVpn * PAGE - MIB - BASE;
    expect(session.status(mmap(2, room + PAGE))).toBe('user-space');
    expect(start(session, mmap(2, room))).toBe(BASE);
    // A gigabyte is free below; the other order goes on there, this one does not.
    expect(session.status(mmap(3, PAGE))).toBe('user-space');
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('leave the heap less room: it ends below the first of them', () => {
    const withHeap = (legacyMmap: boolean): Session =>
      legacy('linux-3g1g', legacyMmap).given(
        mmap(1, PAGE, PROT_EXEC | PLACE_TEXT),
        brk(2, PAGE),
        mmap(3, PAGE),
      );
    const heapAt = 0x08049000;
    const most = BASE - heapAt - PAGE;
    expect(withHeap(true).status(brk(2, most))).toBe('ok');
    expect(withHeap(true).status(brk(2, most + PAGE))).not.toBe('ok');
    expect(withHeap(false).status(brk(2, most + PAGE))).toBe('ok');
  });

  test('text and stack lie where they always do', () => {
    const places = [true, false].map((legacyMmap) => {
      const session = legacy('linux-3g1g', legacyMmap);
      return [mmap(1, PAGE, PROT_EXEC | PLACE_TEXT), mmap(2, 8 * MIB, RW | PLACE_STACK)].map((s) =>
        start(session, s),
      );
    });
    expect(places[0]).toEqual(places[1]);
  });

  test('in the usual order that begin below are the last: when all above mmap_base is taken', () => {
    const session = legacy('linux-3g1g', false).given(mmap(1, 8 * MIB, RW | PLACE_STACK));
    // From the lowest page that may be mapped to mmap_base: nearly all of it.
    session.given(mmap(2, GIB), mmap(3, GIB), mmap(4, 0x38000000 - 64 * 1024));
    // Between mmap_base and the stack there is room still, which only the way upwards finds.
    expect(start(session, mmap(5, PAGE))).toBe(0xb8000000);
    session.given(munmap(3, 0, 0));
    expect(start(session, mmap(6, PAGE)) < 0xb8000000).toBe(true);
  });

  test('a hole made by a move is found again', () => {
    const session = legacy('linux-3g1g').given(mmap(1, 4 * PAGE), mmap(2, 4 * PAGE), mremapFixed(1, 2, 0));
    expect(start(session, mmap(3, 4 * PAGE))).toBe(BASE);
  });
});

test('a stack without limit is no reason for it any more: mappings go downwards, from far below', () => {
  const session = new Session(machineOf('linux-3g1g', 128, {}, { stackLimitBytes: 'unlimited' })).given(
    ...RUNNING,
  );
  expect((session.do(mmap(1, PAGE)).vpn + 1) * PAGE).toBe(0x20000000);
});
