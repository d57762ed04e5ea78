/**
 * Areas of the vmalloc window and of the modules' as booted ARM kernels gave them. Which holes there were is not known
 * (oracle-windows.test.ts knows it of x86): what is checked is what follows without, the size of an area, what it is
 * aligned to, whether there is one at all, and how many fit.
 */
import { describe, expect, test } from 'vitest';
import { bootMachine, type Layout, type Machine, vmallocAreas } from '../../../core/index.ts';
import { ioremapAlignPages } from '../../../core/kmap/ioremap.ts';
import { pageAddress, regionOfKind } from '../../../core/layout/regions.ts';
import { armMachines } from '../../captures/arm-machines.ts';
import { bootedMachines } from '../../captures/booted-machines.ts';
import type { CapturedArea } from '../../captures/captured-machine.ts';
import { ioremap, Session, type Step, vmalloc } from '../../support/rows.ts';

const isArm = new Set(armMachines().map(({ id }) => id));
const machines = bootedMachines().filter(({ id }) => isArm.has(id));

test('there are machines to compare with', () => {
  expect(machines.length).toBeGreaterThan(0);
});

/** Units of the event: device memory is counted in 4 KiB whatever the page size. */
const DEVICE_UNIT = 4096;

/** What becomes of something on a machine where nothing else is, and the area that it takes. */
function areaOf(machine: Machine, step: Step) {
  const session = new Session(machine);
  const status = session.status(step);
  return { status, area: vmallocAreas(session.machine).find((one) => one.object === 1) };
}

/** Sizes of areas hold the guard page that lies behind them. */
const withGuard = (layout: Layout, bytes: number): number => {
  const pageBytes = 2 ** layout.pageShift;
  return (Math.ceil(bytes / pageBytes) + 1) * pageBytes;
};

describe.each(machines)('$id', ({ oracle, layout }) => {
  const pageBytes = 2 ** layout.pageShift;
  const machine = bootMachine(layout);
  const isInWindow = (address: bigint): boolean =>
    layout.vmalloc.start <= address && address < layout.vmalloc.end;

  test('device memory: refused where there is RAM, else an area of its size, aligned as far as the port does', () => {
    const rows = oracle.ioremap.filter(({ kind }) => kind?.startsWith('ioremap'));
    expect(rows.length).toBeGreaterThan(10);
    for (const { phys, size, ok, addr, area_addr, area_size } of rows) {
      const unit = Math.floor(Number(phys) / DEVICE_UNIT);
      const { status, area } = areaOf(machine, ioremap(1, size, unit, Number(phys) % DEVICE_UNIT));
      // Where the window is small, what was there before may leave no room.
      if (ok === 0 && 4n * BigInt(size) > layout.vmalloc.end - layout.vmalloc.start) continue;
      expect([phys, size, status]).toEqual([phys, size, ok === 1 ? 'ok' : 'is-ram']);
      if (area === undefined) continue;
      const start = BigInt(area_addr);
      expect(isInWindow(start)).toBe(true);
      expect(area.sizeBytes).toBe(area_size);
      expect(BigInt(addr) - start).toBe(BigInt(phys) % BigInt(pageBytes));
      const alignBytes = ioremapAlignPages(machine, area_size / pageBytes - 1) * pageBytes;
      expect([phys, size, start % BigInt(alignBytes)]).toEqual([phys, size, 0n]);
    }
  });

  test('vmalloc and vm_area: whole pages and the guard page', () => {
    const rows = [...oracle.vmalloc, ...oracle.vmalloc_area_only].filter(({ ok }) => ok === 1);
    expect(rows.length).toBeGreaterThan(10);
    for (const { size, addr, area_size } of rows) {
      expect(isInWindow(BigInt(addr!))).toBe(true);
      expect([size, withGuard(layout, size)]).toEqual([size, area_size]);
    }
    expect(areaOf(machine, vmalloc(1, 4097)).area?.sizeBytes).toBe(withGuard(layout, 4097));
  });

  // Drivers of a distribution have areas of their own near the end of the window; that of 64 bits is never exhausted.
  const isAlone = oracle.variant.startsWith('arm');
  test.runIf(isAlone && layout.arch.wordBits === 32)(
    'areas in a row until the window ends: how many, and where the last one lies',
    () => {
      for (const { chunk, count, lowest, last, stopped } of oracle.vmap_exhaust_result) {
        if (count === 0) continue;
        const taken = areasAbove(layout, BigInt(lowest), chunk, stopped === 'cap' ? count : undefined);
        expect([chunk, ...taken]).toEqual([chunk, count, lowest, last]);
      }
    },
  );

  const modules = (oracle.module_alloc ?? []).filter(({ ok }) => ok === 1);
  // Nor is a probe alone among modules that is one itself.
  test.runIf(isAlone)('modules: one behind the other in their window, and then in that of vmalloc', () => {
    expect(modulePlaces(modules, layout)).toEqual(modules.map(({ addr, is_vmalloc }) => [addr, is_vmalloc]));
  });
});

/** Areas of one size above whatever there is below `lowest`: how many fit, at most `cap`; the first and the last. */
function areasAbove(layout: Layout, lowest: bigint, size: number, cap = Number.POSITIVE_INFINITY): unknown[] {
  const below = { kind: 'vm_area' as const, start: layout.vmalloc.start, end: lowest, nrPages: 0 };
  const session = new Session(bootMachine(layout, { vmallocAreas: [below] }));
  const places: string[] = [];
  while (places.length < cap) {
    const { status, vpn } = session.do({ kind: 'vm_area', object: places.length + 1, size, align: 0 });
    if (status !== 'ok') break;
    places.push(`0x${pageAddress(layout, vpn).toString(16)}`);
  }
  return [places.length, places[0], places.at(-1)];
}

/**
 * Where module_alloc() puts what the probe asked for, one after the other, each given back before the next: behind the
 * last one, since what is freed waits for a purge; if that has run, at the start again.
 */
function modulePlaces(rows: readonly CapturedArea[], layout: Layout): unknown[] {
  const { end } = regionOfKind(layout, 'modules')!;
  const first = BigInt(rows[0]!.addr!);
  let at = first;
  return rows.map(({ size, addr }) => {
    const bytes = BigInt(withGuard(layout, size));
    if (BigInt(addr!) === first) at = first;
    if (at + bytes > end && layout.arch.wordBits === 32) return [addr, 1];
    const place = [`0x${at.toString(16)}`, 0];
    at += bytes;
    return place;
  });
}
