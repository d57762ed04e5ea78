/** The vmalloc window against a list of areas, and at its edges. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { KERNEL_MODE } from '../../../core/event/access-mode.ts';
import { eventAt, sliceBatch } from '../../../core/event/batch.ts';
import type { KindName, MemoryEvent } from '../../../core/event/kinds.ts';
import { fold } from '../../../core/fold/fold.ts';
import { pageNumber } from '../../../core/layout/regions.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { STATUSES } from '../../../core/outcome/outcome.ts';
import { pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf, tableAt } from '../../../core/paging/table-walk.ts';
import { TABLE } from '../../../core/paging/tables.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import { purged } from '../../captures/captured-windows.ts';
import { batchOfRows, forStreams, type Row, randomEvents } from '../../generators/random-events.ts';
import { NaiveAreas } from '../../models/naive-windows.ts';
import { atDepth } from '../../support/depth.ts';
import { buddyinfo, drained } from '../../support/laws.ts';
import { pc } from '../../support/pc.ts';
import {
  ioremap,
  MIB,
  machineOf,
  PAGE,
  pages,
  Session,
  type Step,
  starve,
  vmalloc,
} from '../../support/rows.ts';

/** A window that is soon full: a quarter of it is ten areas. */
const cramped = machineOf('3g1g', 1536, { vmallocBytes: 48n << 20n });
const wide = machineOf('3g1g', 1536);
const roomy = machineOf('linux-x86_64', 1024);

const vmArea = (object: number, size: number, align = 0): Step => ({
  kind: 'vm_area',
  object,
  size,
  align,
});

const WINDOW_KINDS: readonly KindName[] = [
  'vmalloc',
  'vfree',
  'ioremap',
  'iounmap',
  'vm_area',
  'free_vm_area',
  'vmap',
  'vunmap',
  'page_alloc',
];

test.each([
  ['a cramped window', cramped],
  ['PAE', machineOf('linux-3g1g-pae', 1536)],
  ['64 bits', roomy],
])('random areas are the lowest holes in which they fit: %s', (_name, machine) => {
  forStreams(randomEvents(900, WINDOW_KINDS, 0), atDepth({ quick: 3, full: 8 }), (rows) =>
    compare(machine, rows),
  );
});

const ALLOCATED_BY: Partial<Record<KindName, KindName>> = {
  vfree: 'vmalloc',
  iounmap: 'ioremap',
  free_vm_area: 'vm_area',
  vunmap: 'vmap',
};
const ALLOCATES = new Set<KindName>(['vmalloc', 'ioremap', 'vm_area', 'vmap']);

function compare(start: Machine, rows: readonly Row[]): void {
  const naive = areasOf(start);
  const live = new Map<number, { kind: KindName; vpn: number }>();
  let machine = start;
  const batch = batchOfRows(rows);
  for (let at = 0; at < batch.count; at++) {
    const event = eventAt(batch, at)!;
    const folded = fold(machine, sliceBatch(batch, at, at + 1));
    machine = folded.machine;
    const seen = { status: STATUSES[folded.outcomes.status[0]!]!.name, vpn: folded.outcomes.vpn[0]! };
    if (event.kind === 'page_alloc') continue;
    if (ALLOCATES.has(event.kind) && 'object' in event) {
      const isRefused = ['exists', 'invalid', 'is-ram', 'no-object', 'out-of-memory', 'out-of-lowmem'];
      if (isRefused.includes(seen.status)) continue;
      const vpn = place(start, naive, event);
      const expected = vpn === undefined ? { status: 'vmalloc-space', vpn: 0 } : { status: 'ok', vpn };
      expect(seen, `event ${at}: ${JSON.stringify(event)}`).toEqual(expected);
      if (vpn !== undefined) live.set(event.object, { kind: event.kind, vpn });
    } else if (event.kind in ALLOCATED_BY && 'object' in event) {
      const found = live.get(event.object);
      const matches = found?.kind === ALLOCATED_BY[event.kind];
      if (matches) release(naive, event.kind, found!.vpn);
      if (matches) live.delete(event.object);
      expect(seen.status, `event ${at}: ${JSON.stringify(event)}`).toBe(matches ? 'ok' : 'no-object');
    }
  }
  expect(machine.vmallocHoles.total()).toBe(start.vmallocHoles.total() - naive.used);
  expect(machine.vmallocLazy.total()).toBe(naive.waiting);
  expect(checkMachine(machine)).toEqual([]);
}

/** IOREMAP_MAX_ORDER, in pages. */
const DEVICE_ALIGN: Record<string, number> = { '3g1g': 1024, 'linux-3g1g-pae': 512, 'linux-x86_64': 2 ** 18 };

function place(machine: Machine, naive: NaiveAreas, event: MemoryEvent): number | undefined {
  const pagesOf = (bytes: number): number => Math.ceil(bytes / PAGE);
  if (event.kind === 'vmalloc') return naive.vmalloc(pagesOf(event.size));
  if (event.kind === 'vmap') return naive.take(event.count, 1);
  if (event.kind === 'vm_area')
    return naive.take(pagesOf(event.size), Math.max(1, Math.floor(event.align / PAGE)));
  if (event.kind !== 'ioremap') return undefined;
  const pages = pagesOf((event.offset % PAGE) + event.size);
  let align = 1;
  while (align < pages && align < DEVICE_ALIGN[machine.platform.layout.name]!) align *= 2;
  return naive.take(pages, align);
}

function release(naive: NaiveAreas, kind: KindName, vpn: number): void {
  if (kind === 'vfree') {
    naive.vfree(vpn);
    return;
  }
  if (kind !== 'free_vm_area') naive.purgeIfDue();
  naive.drop(vpn);
}

function areasOf({ platform: { layout } }: Machine): NaiveAreas {
  return new NaiveAreas({
    start: pageNumber(layout, layout.vmalloc.start),
    end: pageNumber(layout, layout.vmalloc.end - 1n) + 1,
    // 32 MiB with one cpu, which all these machines have.
    lazyMax: 8192,
    pointersPerPage: layout.arch.wordBits === 64 ? 512 : 1024,
  });
}

describe('the window', () => {
  const { start, end } = cramped.platform.layout.vmalloc;
  const windowPages = Number((end - start) / BigInt(PAGE));

  test('is filled exactly by an area of its size less the guard page', () => {
    const session = new Session(cramped);
    expect(session.status(vmArea(1, windowPages * PAGE))).toBe('vmalloc-space');
    expect(session.status(vmArea(1, (windowPages - 1) * PAGE + 1))).toBe('vmalloc-space');
    expect(session.do(vmArea(1, (windowPages - 1) * PAGE))).toMatchObject({
      status: 'ok',
      vpn: cramped.platform.vmallocVpn,
      address: 'kernel-virtual',
    });
    expect(session.status(vmalloc(2, 1))).toBe('vmalloc-space');
    session.given({ kind: 'free_vm_area', object: 1 });
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
    const session = new Session(pc);
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

  test('has all pages of an area before the table that maps them', () => {
    const session = new Session(roomy);
    const { kernelRoot, mmu } = roomy.platform;
    const { vpn } = session.do(vmalloc(1, 64 * MIB));
    const last = mmu.levels.length - 1;
    const tablePfn = (page: number): number =>
      session.machine.tables.get(tableAt(session.machine, kernelRoot, page, last), TABLE.pfn);
    const frames = Array.from({ length: 64 * (MIB / PAGE) }, (_, page) =>
      pteFrame(findLeaf(session.machine, kernelRoot, vpn + page).pte),
    );
    // Each is the next of a fresh machine's memory, so that the order of the frames is that of time.
    expect(tablePfn(vpn + mmu.leafEntries)).toBeGreaterThan(Math.max(...frames));
  });

  test('gives back what it took when memory runs out half way', () => {
    const session = new Session(pc);
    for (let object = 10; object < 20; object++) session.given(pages(object, 10));
    const { machine } = session;
    expect(session.status(vmalloc(1, 60 * MIB))).toBe('out-of-memory');
    expect(buddyinfo(drained(session.machine))).toEqual(buddyinfo(drained(machine)));
    expect(drained(session.machine).vmallocHoles).toEqual(machine.vmallocHoles);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('all of them when there is a table for the first, and none for those behind', () => {
    const start = starve(pc, 1, false);
    // Addresses alone, so that the area behind them lies half in one table and half in the next.
    const session = new Session(start).given(vmArea(2, 2 * MIB));
    const before = session.machine;
    expect(session.status(vmalloc(1, 4 * MIB))).toBe('out-of-lowmem');
    expect(session.counter('pageTablePages')).toBe(new Session(start).counter('pageTablePages') + 1);
    expect(session.counter('vmallocPages')).toBe(0);
    expect(drained(session.machine).vmallocHoles).toEqual(before.vmallocHoles);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('the page too for which there is no table', () => {
    const start = starve(pc, 0, false);
    const session = new Session(start);
    expect(session.status(vmalloc(1, 4 * MIB))).toBe('out-of-lowmem');
    expect(buddyinfo(drained(session.machine))).toEqual(buddyinfo(drained(start)));
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('the area too when there is room for it, but not for its page array', () => {
    const others = windowPages - 1025 - 2;
    const session = new Session(cramped).given(vmArea(1, others * PAGE));
    expect(session.status(vmalloc(2, 1025 * PAGE))).toBe('vmalloc-space');
    expect(checkMachine(session.machine)).toEqual([]);
    session.given(vmalloc(2, 1024 * PAGE));
  });

  test('refuses more than there is RAM without looking for a place', () => {
    const session = new Session(roomy);
    expect(session.status(vmalloc(1, 1024 * MIB + 1))).toBe('out-of-memory');
    expect(session.machine.vmallocLazy.total()).toBe(0);
  });

  test('shows the pages of a vmap over and over when it is larger than they are', () => {
    const session = new Session(roomy);
    const { pfn } = session.do(pages(1, 1));
    const { vpn } = session.do({ kind: 'vmap', object: 2, pages: 1, count: 5 });
    const frameAt = (page: number) =>
      pteFrame(findLeaf(session.machine, roomy.platform.kernelRoot, vpn + page).pte);
    expect([0, 1, 2, 3, 4].map(frameAt)).toEqual([pfn, pfn + 1, pfn, pfn + 1, pfn]);
  });
});

describe('page tables of the window', () => {
  const tablesOf = (session: Session): number => session.counter('pageTablePages');

  test('stay when the areas are freed and purged; the next ones need no more', () => {
    const session = new Session(wide).given(vmalloc(1, 16 * MIB));
    const tables = tablesOf(session);
    session.given({ kind: 'vfree', object: 1 });
    const after = new Session(purged(session.machine));
    expect(tablesOf(after)).toBe(tables);
    after.given(vmalloc(1, 16 * MIB));
    expect(tablesOf(after)).toBe(tables);
  });

  test('give way to a large page of device memory', () => {
    const session = new Session(roomy).given(vmalloc(1, 4 * MIB));
    const tables = tablesOf(session);
    session.given({ kind: 'vfree', object: 1 });
    const after = new Session(purged(session.machine));
    const { vpn } = after.do(ioremap(2, 2 * MIB, 0xc0000));
    expect(findLeaf(after.machine, roomy.platform.kernelRoot, vpn)).toMatchObject({ level: 2 });
    expect(tablesOf(after)).toBe(tables - 1);
    expect(checkMachine(after.machine)).toEqual([]);
  });
});

describe('ioremap', () => {
  test.each([
    ['the last page of RAM', 0x5ffff, 'is-ram'],
    ['the first page behind RAM', 0x60000, 'ok'],
    ['what the kernel keeps of the first MiB', 1, 'ok'],
    ['the kernel image', 0x101, 'ok'],
    ['the first page that anyone may get', 0x700, 'is-ram'],
    ['a device at the top of 4 GiB', 0xfee00, 'ok'],
  ] as const)('%s', (_name, pfn, status) => {
    expect(new Session(cramped).status(ioremap(1, PAGE, pfn))).toBe(status);
  });

  test('parts of two pages of RAM may be mapped, a whole one between them not', () => {
    expect(new Session(cramped).status(ioremap(1, PAGE, 0x2000, 16))).toBe('ok');
    expect(new Session(cramped).status(ioremap(1, 2 * PAGE, 0x2000, 16))).toBe('is-ram');
  });

  test('begins where its registers do in their page', () => {
    const session = new Session(wide).given(ioremap(1, 32, 0xfee00, PAGE - 16));
    const read = (offset: number) =>
      session.do({ kind: 'access', object: 1, offset, size: 8, mode: KERNEL_MODE });
    expect([0, 8, 16, 24].map((offset) => read(offset).tlb)).toEqual(['walk', 'l1', 'walk', 'l1']);
  });

  test.each([
    ['with large pages where both addresses allow it', 0xf0000, 1],
    ['else with small ones', 0xf0001, 2],
  ])('%s', (_name, pfn, level) => {
    const pae = machineOf('linux-3g1g-pae', 512);
    const session = new Session(pae);
    const { vpn } = session.do(ioremap(1, 2 * MIB, pfn));
    expect(findLeaf(session.machine, pae.platform.kernelRoot, vpn).level).toBe(level);
  });

  test.each([
    [1, 1],
    [PAGE, 1],
    [PAGE + 1, 2],
    [5 * PAGE, 8],
    [129 * PAGE, 256],
    [1024 * PAGE, 1024],
    [1025 * PAGE, 1024],
  ])('%i bytes are aligned to %i pages', (size, align) => {
    const session = new Session(wide).given(vmalloc(1, 1));
    const { vpn } = session.do(ioremap(2, size, 0xf0000));
    const lowest = wide.platform.vmallocVpn + 2;
    expect(vpn).toBe(Math.ceil(lowest / align) * align);
    const { pte } = findLeaf(session.machine, wide.platform.kernelRoot, vpn);
    expect(pteFrame(pte)).toBe(0xf0000);
  });
});
