/** IA-64's regions and page sizes, VAX/VMS's linear tables: what the texts say of them, and workloads on top. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { KERNEL_MODE, READ, WRITE } from '../../../core/event/access-mode.ts';
import { PLACE_STACK, PLACE_TEXT } from '../../../core/event/mmap-flags.ts';
import { explainAddress } from '../../../core/explain/explain.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { pageAddress, pageNumber } from '../../../core/layout/regions.ts';
import { entryRow } from '../../../core/paging/table-walk.ts';
import { FRAME } from '../../../core/phys/frames.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import { WORKLOADS } from '../../../workloads/index.ts';
import { FULL } from '../../support/depth.ts';
import { replay } from '../../support/laws.ts';
import {
  access,
  kmalloc,
  machineOf,
  mmap,
  RW,
  type Session,
  sessionOf,
  vmalloc,
} from '../../support/rows.ts';

const GIB = 2n ** 30n;
const TIB = 2n ** 40n;
const IA64 = [
  ['ia64-4k', 12, 320n * GIB],
  ['ia64-8k', 13, 5n * TIB],
  ['ia64-16k', 14, 80n * TIB],
  ['ia64-64k', 16, 20n * 1024n * TIB],
] as const;
const NAMES = [...IA64.map(([name]) => name), 'vax-vms'];

const process = (layout: string, mib = 256): Session =>
  sessionOf(layout, mib).given({ kind: 'spawn', pid: 1 }, { kind: 'switch', pid: 1 });

/** The address that a mapping gets. */
function addressOf(session: Session, object: number): bigint {
  const { layout } = session.machine.platform;
  return pageAddress(layout, session.machine.objects.get(object, OBJECT.vpn));
}

/** Page-table entries that an event reads. */
function readsOf(session: Session, step: Parameters<Session['do']>[0]): number {
  const before = session.counter('walkReferences');
  expect(session.do(step).status).toBe('ok');
  return session.counter('walkReferences') - before;
}

describe.each(NAMES)('%s', (name) => {
  // Each workload on each machine; each with some of them shows it.
  test.each(WORKLOADS.filter((_, i) => FULL || i % NAMES.length === NAMES.indexOf(name)))(
    '$name leaves a sound machine',
    ({ generate }) => {
      const { machine } = replay(machineOf(name, 256, { cpus: 2 }), [...generate(5, {}, 3000)], 1000);
      expect(checkMachine(machine)).toEqual([]);
    },
  );
});

describe.each(IA64)('%s', (name, pageShift, userBytes) => {
  const layout = buildLayout(name);
  const perTable = 2 ** (pageShift - 3);

  test('a table is a page of entries of 8 bytes; three levels give the user space that the book lists', () => {
    expect(layout.arch.translation.levels.map(({ bits }) => 2 ** bits)).toEqual([
      perTable,
      perTable,
      perTable,
    ]);
    const user = layout.regions.filter(({ kind }) => kind === 'user');
    const pageBytes = 1n << BigInt(pageShift);
    expect(user.map(({ start }) => start >> 61n)).toEqual([0n, 1n, 2n, 3n, 4n]);
    // The last page of each region is never used.
    expect(user.reduce((sum, { start, end }) => sum + end - start + pageBytes, 0n)).toBe(userBytes);
  });

  test('kinds of kernel addresses by region: 5 virtual, 6 uncached, 7 logical', () => {
    const kinds = new Map(layout.regions.map(({ kind, start }) => [kind, Number(start >> 61n)]));
    expect(Object.fromEntries(kinds)).toMatchObject({ vmalloc: 5, uncached: 6, direct: 7 });
    expect(layout.pageOffset).toBe(0xe000000000000000n);
  });

  test('page numbers and addresses undo each other in every region', () => {
    const address = fc
      .record({ region: fc.integer({ min: 0, max: 7 }), page: fc.bigInt({ min: 0n, max: 2n ** 24n - 2n }) })
      .map(({ region, page }) => (BigInt(region) << 61n) + (page << BigInt(pageShift)));
    fc.assert(
      fc.property(address, (at) => void expect(pageAddress(layout, pageNumber(layout, at))).toBe(at)),
    );
  });

  test('an eighth of the top level for each user region, a whole one for region 5', () => {
    const { mmu } = machineOf(name, 64).platform;
    const top = (at: bigint): number => entryRow(mmu, 1, pageNumber(layout, at), 0) - mmu.entriesPerTable;
    const shift = BigInt(pageShift + 2 * (pageShift - 3));
    const offset = fc.bigInt({ min: 0n, max: (1n << BigInt(4 * pageShift - 12)) - 1n });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), offset, (region, at) => {
        const expected = (region << (pageShift - 6)) | Number((at >> shift) & BigInt(perTable / 8 - 1));
        expect(top((BigInt(region) << 61n) + at)).toBe(expected);
        expect(top((5n << 61n) + at * 8n)).toBe(Number((at * 8n) >> shift));
      }),
    );
  });

  test('kernel logical memory needs no tables: a miss reads no entry, and one TLB entry maps 16 MiB', () => {
    const session = sessionOf(name, 256);
    const tables = session.counter('pageTablePages');
    const near = access(1, 0, 8, READ | KERNEL_MODE);
    session.given(kmalloc(1, 2 ** 22), kmalloc(2, 64), near);
    const walks = session.counter('walks');
    expect(walks).toBeGreaterThan(0);
    session.given(access(1, 2 ** 21, 8, WRITE | KERNEL_MODE));
    expect(session.counter('walks')).toBe(walks);
    expect([session.counter('walkReferences'), session.counter('pageTablePages')]).toEqual([0, tables]);
    expect(readsOf(session.given(vmalloc(3, 100_000)), access(3, 0, 8, READ | KERNEL_MODE))).toBe(3);
  });

  test('there is one such entry for every 16 MiB that are used', () => {
    const session = sessionOf(name, 256);
    const granules = new Set<number>();
    for (let object = 1; object <= 40; object++) {
      const { pfn } = session.do(kmalloc(object, 2 ** 20));
      granules.add(Math.floor((pfn * 2 ** pageShift) / 2 ** 24));
      session.given(access(object, 0, 8, READ | KERNEL_MODE));
      expect(session.counter('walks')).toBe(granules.size);
    }
    expect(granules.size).toBeGreaterThan(2);
  });

  test('memory below 4 GiB is ZONE_DMA32: there is no other for devices', () => {
    const { zones } = buildLayout(name, { ramBytes: 6n * GIB });
    const bytes = zones.map((zone) => [zone.name, (zone.startPfn + zone.spannedPages) * 2 ** pageShift]);
    expect(bytes).toEqual([
      ['DMA32', 4 * 2 ** 30],
      ['Normal', 6 * 2 ** 30],
    ]);
  });

  test('a kernel stack takes 32 KiB, or a page if that is more', () => {
    const { records, frames } = process(name).machine;
    expect(layout.kernelStackBytes).toBe(Math.max(32_768, 2 ** pageShift));
    expect(frames.get(records.processes[1]!.stackPfn, FRAME.order)).toBe(Math.max(0, 15 - pageShift));
  });

  test('text, mappings and the stack lie in regions of their own; nothing crosses the end of one', () => {
    const session = process(name);
    session.given(mmap(1, 65_536, RW | PLACE_TEXT), mmap(2, 65_536), mmap(3, 65_536));
    session.given(mmap(4, 2 ** 20, RW | PLACE_STACK), access(2, 0, 8, WRITE));
    const at = [1, 2, 3].map((object) => addressOf(session, object));
    expect(at.slice(0, 2)).toEqual([0x4000000000000000n, 0x2000000000000000n]);
    expect(at[2]! - at[1]!).toBe(65_536n);
    expect(addressOf(session, 4) + 2n ** 20n).toBe(
      0x6000000000000000n + (userBytes / 5n - (1n << BigInt(pageShift))),
    );
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('explain: regions 6 and 7 are a constant away from physical memory, and __pa clears the region', () => {
    const machine = machineOf(name, 256);
    for (const region of [6n, 7n]) {
      const explained = explainAddress(machine, 'virtual', (region << 61n) + 0x1234567n);
      expect(explained).toMatchObject({ walk: [], physical: 0x1234567n, pa: { legal: true } });
      expect(explained.pa!.address).toBe(0x1234567n);
    }
    const beyond = (1n << 61n) + userBytes / 5n;
    expect(explainAddress(machine, 'virtual', beyond)).toMatchObject({ type: 'none' });
  });
});

test('ia64-4k: 64 GiB of mappings fill region 1, and none is put elsewhere', () => {
  const session = process('ia64-4k');
  const statuses = Array.from({ length: 17 }, (_, i) => session.status(mmap(i + 1, 2 ** 32 - 65_536)));
  expect(statuses).toEqual([...new Array(16).fill('ok'), 'user-space']);
});

describe('VAX/VMS', () => {
  const PAGE = 512;

  test('P0 and P1 are the user half, S0 the system; page 0 is never mapped', () => {
    const session = process('vax-vms');
    expect(
      session.machine.platform.layout.regions.slice(0, 3).map(({ name, start }) => [name, start]),
    ).toEqual([
      ['P0 (program)', 0n],
      ['P1 (control)', GIB],
      ['direct map', 2n * GIB],
    ]);
    session.given(mmap(1, 10 * PAGE, RW | PLACE_TEXT), mmap(2, PAGE), mmap(3, 8192, RW | PLACE_STACK));
    expect(addressOf(session, 1)).toBe(512n);
    expect(addressOf(session, 2)).toBe(GIB - 512n);
    expect(addressOf(session, 3) + 8192n).toBe(2n * GIB);
    const nullPage = explainAddress(session.machine, 'virtual', 0n);
    expect([nullPage.type, nullPage.physical]).toEqual(['user-virtual', undefined]);
  });

  test('a user page is found by two entries, or one while its page of the table is known; a system page by one', () => {
    const session = process('vax-vms').given(mmap(1, 2 ** 20), kmalloc(2, 64), vmalloc(3, 5000));
    const entriesPerPage = PAGE / 4;
    expect(readsOf(session, access(1, 0, 8))).toBe(2);
    expect(readsOf(session, access(1, PAGE, 8))).toBe(1);
    expect(readsOf(session, access(1, entriesPerPage * PAGE, 8))).toBe(2);
    expect(readsOf(session, access(1, 0, 8))).toBe(0);
    expect(readsOf(session, access(2, 0, 8, READ | KERNEL_MODE))).toBe(1);
    expect(readsOf(session, access(3, 0, 8, READ | KERNEL_MODE))).toBe(1);
  });

  test('the system half stays when the process changes: its entry is still in the TLB', () => {
    const session = process('vax-vms').given(kmalloc(2, 64), access(2, 0, 8, READ | KERNEL_MODE));
    session.given({ kind: 'spawn', pid: 2 }, { kind: 'switch', pid: 2 });
    expect(session.do(access(2, 0, 8, READ | KERNEL_MODE)).tlb).toBe('l1');
  });

  test('kernel stacks are 8 KiB, whatever the page size', () => {
    const { records, frames } = process('vax-vms').machine;
    expect(frames.get(records.processes[1]!.stackPfn, FRAME.order)).toBe(4);
  });
});
