/** The vmalloc window against a list of areas, and at its edges. */
import { describe, expect, test } from 'vitest';
import { pageNumber } from '../../../core/boot.ts';
import { KERNEL_MODE } from '../../../core/event/access-mode.ts';
import { eventAt, sliceBatch } from '../../../core/event/batch.ts';
import type { KindName } from '../../../core/event/kinds.ts';
import { fold } from '../../../core/fold.ts';
import { checkMachine } from '../../../core/invariants.ts';
import { STATUSES } from '../../../core/outcome.ts';
import { pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/tables.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import type { Machine } from '../../../core/state/machine.ts';
import { buddyinfo, drained } from '../../support/laws.ts';
import { batchOfRows, forStreams, type Row, randomEvents } from '../../support/naive-events.ts';
import { NaiveAreas } from '../../support/naive-windows.ts';
import { MIB, machineOf, PAGE, Session, type Step } from '../../support/rows.ts';

/** A window that is soon full: a quarter of it is ten areas. */
const cramped = machineOf('3g1g', 1536, { vmallocBytes: 48n << 20n });
const roomy = machineOf('linux-x86_64', 1024);
const vmalloc = (object: number, size: number): Step => ({ kind: 'vmalloc', object, size });

const WINDOW_KINDS: readonly KindName[] = ['vmalloc', 'vfree', 'ioremap', 'iounmap'];

test.each([
  ['a cramped window', cramped],
  ['64 bits', roomy],
])('random areas are the lowest holes in which they fit: %s', (_name, machine) => {
  forStreams(randomEvents(600, WINDOW_KINDS, 0), 12, (rows) => compare(machine, rows));
});

function compare(start: Machine, rows: readonly Row[]): void {
  const naive = areasOf(start);
  const live = new Map<number, { kind: string; vpn: number }>();
  let machine = start;
  const batch = batchOfRows(rows);
  for (let at = 0; at < batch.count; at++) {
    const event = eventAt(batch, at)!;
    const folded = fold(machine, sliceBatch(batch, at, at + 1));
    machine = folded.machine;
    const seen = { status: STATUSES[folded.outcomes.status[0]!]!.name, vpn: folded.outcomes.vpn[0]! };
    const expected = { status: 'ok', vpn: 0 };
    if (event.kind === 'vmalloc' || event.kind === 'ioremap') {
      const pages = Math.max(1, Math.ceil(event.size / PAGE));
      // Device memory is aligned to its size, rounded up to a power of two, at most 128 pages.
      let align = 1;
      while (event.kind === 'ioremap' && align < pages && align < 128) align *= 2;
      if (seen.status === 'is-ram') continue;
      const vpn = naive.take(pages, align);
      Object.assign(expected, vpn === undefined ? { status: 'vmalloc-space' } : { vpn });
      if (vpn !== undefined) live.set(event.object, { kind: event.kind, vpn });
    } else if (event.kind === 'vfree' || event.kind === 'iounmap') {
      const found = live.get(event.object);
      const matches = found?.kind === (event.kind === 'vfree' ? 'vmalloc' : 'ioremap');
      if (matches) naive.drop(found!.vpn);
      if (matches) live.delete(event.object);
      else expected.status = 'no-object';
    } else continue;
    expect(seen, `event ${at}: ${JSON.stringify(event)}`).toEqual(expected);
  }
  expect(machine.vmallocHoles.total()).toBe(start.vmallocHoles.total() - naive.used);
  expect(checkMachine(machine)).toEqual([]);
}

function areasOf({ platform }: Machine): NaiveAreas {
  const { start, end } = platform.layout.vmalloc;
  return new NaiveAreas(pageNumber(platform.layout, start), pageNumber(platform.layout, end - 1n) + 1);
}

describe('the window', () => {
  const { start, end } = cramped.platform.layout.vmalloc;
  const windowPages = Number((end - start) / BigInt(PAGE));

  test('is filled exactly by an area of its size less the guard page', () => {
    const session = new Session(cramped);
    expect(session.status(vmalloc(1, windowPages * PAGE))).toBe('vmalloc-space');
    expect(session.status(vmalloc(1, (windowPages - 1) * PAGE + 1))).toBe('vmalloc-space');
    expect(session.do(vmalloc(1, (windowPages - 1) * PAGE))).toMatchObject({
      status: 'ok',
      vpn: cramped.platform.vmallocVpn,
      address: 'kernel-virtual',
    });
    expect(session.status(vmalloc(2, 1))).toBe('vmalloc-space');
    session.given({ kind: 'vfree', object: 1 });
    expect(buddyinfo(drained(session.machine))).toEqual(buddyinfo(drained(cramped)));
  });

  test('has a guard page behind every area, which is not mapped', () => {
    const session = new Session(cramped);
    const first = session.do(vmalloc(1, PAGE)).vpn;
    expect(session.do(vmalloc(2, 1)).vpn).toBe(first + 2);
    const { kernelRoot } = cramped.platform;
    expect(findLeaf(session.machine, kernelRoot, first).pte).not.toBe(0);
    expect(findLeaf(session.machine, kernelRoot, first + 1).pte).toBe(0);
    const behind: Step = { kind: 'access', object: 1, offset: PAGE, size: 1, mode: KERNEL_MODE };
    expect(session.status({ ...behind, offset: PAGE - 1 })).toBe('ok');
    expect(session.status(behind)).toBe('no-mapping');
    expect(session.status({ ...behind, size: 0 })).toBe('no-mapping');
  });

  test('takes its pages one by one, from high memory while there is any', () => {
    const session = new Session(machineOf('3g1g', 96, { highmemBytes: 32n << 20n }));
    const high = (): number => freePagesOf(session.machine, 2);
    const before = high();
    const { vpn } = session.do(vmalloc(1, 4 * MIB));
    expect(high()).toBe(before - 1024);
    const frames = Array.from({ length: 1024 }, (_, page) =>
      pteFrame(findLeaf(session.machine, session.machine.platform.kernelRoot, vpn + page).pte),
    );
    expect(new Set(frames).size).toBe(1024);
    expect(Math.min(...frames)).toBeGreaterThanOrEqual(session.machine.platform.layout.highstartPfn!);
  });

  test('gives back what it took when memory runs out half way', () => {
    const session = new Session(machineOf('3g1g', 96, { highmemBytes: 32n << 20n }));
    const { machine } = session;
    expect(session.status(vmalloc(1, 95 * MIB))).toBe('out-of-memory');
    expect(buddyinfo(drained(session.machine))).toEqual(buddyinfo(drained(machine)));
    expect(session.machine.vmallocHoles).toEqual(machine.vmallocHoles);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('refuses more than there is RAM without looking for a place', () => {
    expect(new Session(roomy).status(vmalloc(1, 1024 * MIB + 1))).toBe('out-of-memory');
  });
});

describe('ioremap', () => {
  test.each([
    ['the last page of RAM', 0x5ffff, 'is-ram'],
    ['the first page behind RAM', 0x60000, 'ok'],
    ['a range that ends in RAM', 0, 'is-ram'],
    ['a device at the top of 4 GiB', 0xfee00, 'ok'],
  ] as const)('%s', (_name, pfn, status) => {
    expect(new Session(cramped).status({ kind: 'ioremap', object: 1, size: PAGE, pfn })).toBe(status);
  });

  test.each([
    [1, 1],
    [PAGE, 1],
    [PAGE + 1, 2],
    [5 * PAGE, 8],
    [128 * PAGE, 128],
    [129 * PAGE, 128],
    [1024 * PAGE, 128],
  ])('%i bytes are aligned to %i pages', (size, align) => {
    const session = new Session(cramped).given(vmalloc(1, 1));
    const { vpn } = session.do({ kind: 'ioremap', object: 2, size, pfn: 0xf0000 });
    const lowest = cramped.platform.vmallocVpn + 2;
    expect(vpn).toBe(Math.ceil(lowest / align) * align);
    const { pte } = findLeaf(session.machine, cramped.platform.kernelRoot, vpn);
    expect(pteFrame(pte)).toBe(0xf0000);
  });
});
