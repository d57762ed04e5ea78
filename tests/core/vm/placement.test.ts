/** Where things are put, and what kind of address they get. */
import { describe, expect, test } from 'vitest';
import { MAP_ALIGNED, PLACE_STACK, PLACE_TEXT, PROT_EXEC } from '../../../core/event/mmap-flags.ts';
import { pc } from '../../support/pc.ts';
import {
  brk,
  HIGH,
  kmalloc,
  MIB,
  mmap,
  munmap,
  PAGE,
  pages,
  RUNNING,
  RW,
  Session,
  type Step,
} from '../../support/rows.ts';

describe('where things are put', () => {
  test.each([
    ['page_alloc in low memory', 'kernel-logical', pages(1, 0)],
    ['page_alloc in high memory', 'physical', pages(1, 0, HIGH)],
    ['kmalloc', 'kernel-logical', kmalloc(1, 100)],
    ['kmalloc without a slab', 'kernel-logical', kmalloc(1, 10_000)],
    ['vmalloc', 'kernel-virtual', { kind: 'vmalloc', object: 1, size: 100 }],
    ['ioremap', 'kernel-virtual', { kind: 'ioremap', object: 1, size: 100, pfn: 0xfee00, offset: 0 }],
    ['mmap', 'user-virtual', mmap(1, 100)],
    ['brk', 'user-virtual', brk(1, 100)],
  ] as [string, string, Step][])('%s has a %s address', (_name, address, step) => {
    const result = new Session(pc).given(...RUNNING).do(step);
    expect(result).toMatchObject({ status: 'ok', address });
    const isLogical = address === 'kernel-logical';
    if (isLogical) expect(result.vpn).toBe(pc.platform.directMapVpn + result.pfn);
    expect(result.pfn > 0).toBe(isLogical || address === 'physical');
  });

  test('MAP_ALIGNED: of twice as much, below what is there, the part at a multiple of its length', () => {
    const session = new Session(pc).given(...RUNNING, mmap(1, 3 * PAGE));
    const { vpn } = session.do(mmap(2, MIB, RW | MAP_ALIGNED));
    const free = 0xb7ffd - (2 * MIB) / PAGE;
    expect(vpn).toBe(Math.ceil(free / 256) * 256);
    // what the program has unmapped behind it is free again
    expect(session.do(mmap(3, PAGE)).vpn).toBe(0xb7ffc);
  });

  test('mmap goes downwards from mmap_base, text upwards, the heap where it ends, the stack to the top', () => {
    const session = new Session(pc).given(...RUNNING);
    const vpnOf = (step: Step): string => (session.do(step).vpn * PAGE).toString(16);
    expect(vpnOf(mmap(1, 2 * PAGE))).toBe('b7ffe000');
    expect(vpnOf(mmap(2, 1))).toBe('b7ffd000');
    expect(vpnOf(mmap(3, 3 * PAGE, PROT_EXEC | PLACE_TEXT))).toBe('8048000');
    expect(vpnOf(mmap(4, PAGE, RW | PLACE_TEXT))).toBe('804b000');
    expect(vpnOf(brk(5, PAGE))).toBe('804c000');
    expect(vpnOf(mmap(6, 8 * MIB, RW | PLACE_STACK))).toBe('bf800000');
    session.given(munmap(1, 0, 0));
    expect(vpnOf(mmap(7, 2 * PAGE))).toBe('b7ffe000');
    expect(vpnOf(mmap(8, 1))).toBe('b7ffc000');
  });

  test('the heap grows and shrinks where it is, also when its first page was unmapped', () => {
    const session = new Session(pc).given(...RUNNING, brk(1, 4 * PAGE));
    const heap = (): number[][] =>
      session.machine.records.mms[1]!.vmas.toArray().map(({ startVpn, nrPages }) => [
        startVpn - 0x400,
        nrPages,
      ]);
    session.given(brk(1, 6 * PAGE));
    expect(heap()).toEqual([[0, 6]]);
    session.given(brk(1, 4 * PAGE), munmap(1, 0, PAGE), brk(1, 5 * PAGE));
    expect(heap()).toEqual([[1, 4]]);
  });

  test('a heap that was unmapped whole can be begun again', () => {
    const session = new Session(pc).given(...RUNNING, brk(1, PAGE), munmap(1, 0, 0));
    expect(session.status(brk(2, PAGE))).toBe('ok');
  });
});
