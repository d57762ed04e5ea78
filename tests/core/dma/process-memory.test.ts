/** Devices in memory of processes: pages stay while they are in use, and are the process's own. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import { DMA_FROM_DEVICE, DMA_TO_DEVICE } from '../../../core/event/dma-flags.ts';
import { MAP_POPULATE, MAP_SHARED } from '../../../core/event/mmap-flags.ts';
import { FRAME } from '../../../core/phys/frames.ts';
import { buddyinfo, drained } from '../../support/laws.ts';
import { pc } from '../../support/pc.ts';
import {
  access,
  dmaMap,
  dmaUnmap,
  kmalloc,
  mmap,
  munmap,
  PAGE,
  RUNNING,
  RW,
  Session,
} from '../../support/rows.ts';
import { free, ISA, NIC } from './devices.ts';

describe('memory of processes', () => {
  test('pages stay while a device uses them, whatever becomes of the process', () => {
    const start = new Session(pc).given(NIC).machine;
    const session = new Session(start).given(...RUNNING, mmap(1, 4 * PAGE), dmaMap('sg', 1, 1, 0, 4 * PAGE));
    session.given(munmap(1, 0, 0), { kind: 'exit' });
    expect(checkMachine(session.machine)).toEqual([]);
    expect(session.status(mmap(1, PAGE))).toBe('no-process');
    expect(session.status(kmalloc(1, 8))).toBe('exists');
    session.given(dmaUnmap(1, 1), kmalloc(1, 8), free('kfree', 1));
    expect(buddyinfo(drained(session.machine))).toEqual(buddyinfo(drained(start)));
  });

  test('shared memory that ends while a device uses it', () => {
    const start = new Session(pc).given(NIC).machine;
    const session = new Session(start).given(...RUNNING, mmap(1, 2 * PAGE, RW | MAP_SHARED | MAP_POPULATE));
    session.given(dmaMap('page', 1, 1, 0, PAGE), { kind: 'exit' });
    expect(checkMachine(session.machine)).toEqual([]);
    session.given(dmaUnmap(1, 1));
    expect(checkMachine(session.machine)).toEqual([]);
    expect(buddyinfo(drained(session.machine))).toEqual(buddyinfo(drained(start)));
  });

  test('a page that the device does not reach is not held', () => {
    const start = new Session(pc).given(ISA).machine;
    const session = new Session(start).given(...RUNNING, mmap(1, PAGE));
    expect(session.status(dmaMap('page', 1, 2, 0, PAGE))).toBe('beyond-dma-mask');
    expect(checkMachine(session.machine)).toEqual([]);
    session.given({ kind: 'exit' });
    expect(buddyinfo(drained(session.machine))).toEqual(buddyinfo(drained(start)));
  });

  test('what was never written to is the zero page, which belongs to nobody and is not pinned', () => {
    const session = new Session(pc).given(NIC, ...RUNNING, mmap(1, PAGE));
    const { zeroPfn } = pc.platform;
    const references = () => session.machine.frames.get(zeroPfn, FRAME.refs);
    const before = references();
    expect(session.do(dmaMap('page', 1, 1, 0, PAGE, DMA_TO_DEVICE)).pfn).toBe(zeroPfn);
    expect(references()).toBe(before);
    session.given(dmaUnmap(1, 1));
    expect(references()).toBe(before);
  });

  test('the device gets the page that the process sees, and the process keeps it on the next store', () => {
    const session = new Session(pc).given(NIC, ...RUNNING, mmap(1, PAGE));
    const { pfn } = session.do(dmaMap('page', 1, 1, 0, PAGE, DMA_FROM_DEVICE));
    expect(session.do(access(1, 0, 8, WRITE))).toMatchObject({ status: 'ok', fault: 'none' });
    session.given(dmaUnmap(1, 1));
    expect(session.do(dmaMap('page', 1, 1, 0, PAGE)).pfn).toBe(pfn);
  });
});
