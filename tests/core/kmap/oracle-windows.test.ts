/** The vmalloc window of booted kernels: every area that the probe took, one after the other, at its address. */
import { describe, expect, test } from 'vitest';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import { type Machine, slowVirtToPhys, vmallocAreas } from '../../../core/index.ts';
import { pageAddress, pageNumber } from '../../../core/layout/regions.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import { PCP_COUNT, pcpCell } from '../../../core/phys/pcp-lists.ts';
import { apply, type CapturedWindow } from '../../captures/captured-windows.ts';
import type { OracleMachine } from '../../captures/oracle-machine.ts';
import { oracleMachines } from '../../captures/oracle-machines.ts';
import { atDepth, FULL } from '../../support/depth.ts';
import { type Step, vmalloc } from '../../support/rows.ts';
import { Probe } from './window-probe.ts';

/** The probe stops short of using up memory: this many pages are left. */
const LEFT_PAGES = 4096;
/** It stops after as many chunks where there is no end of address space in sight. */
const CAP = 40;

/** The last moment before the probe of the window at which the kernel's free pages, those of per-cpu lists too, are known. */
const COUNTED = 'split10_freed';

/** Pages that nobody uses: those of the free lists, and those of the per-cpu lists. */
function unusedPages(machine: Machine): number {
  const { zones, layout } = machine.platform;
  const cpus = Array.from({ length: layout.cpus }, (_, cpu) => cpu);
  return zones.reduce(
    (sum, { index }) =>
      sum +
      freePagesOf(machine, index) +
      cpus.reduce((pages, cpu) => pages + machine.pcps[pcpCell(cpu, index) + PCP_COUNT]!, 0),
    0,
  );
}

/** What the kernel had unused beyond what we have at the same moment: its kernel image and its boot took other pages. */
function missingPages(oracle: OracleMachine, machine: Machine): number {
  const { zone_snapshots, buddy_snapshots } = oracle;
  const free = zone_snapshots.filter(({ tag }) => tag === COUNTED).map((zone) => zone.free);
  const listed = buddy_snapshots.filter(({ tag }) => tag === COUNTED).map(({ pcp_count }) => pcp_count);
  return [...free, ...listed].reduce((sum, pages) => sum + pages, 0) - unusedPages(machine);
}

interface Taken {
  readonly machine: Machine;
  readonly objects: readonly number[];
  readonly stopped: string;
  readonly count: number;
  /** Pages that nobody used at the end, as the kernel would have counted them. */
  readonly unused: number;
  /** Addresses: the lowest, the end of the highest, the last one, and all. */
  readonly lowest: string;
  readonly highestEnd: string;
  readonly last: string;
  readonly first: readonly string[];
}

/** Takes chunks until it has to stop; `missing`: what the kernel had unused beyond what we have. */
function take(
  start: Machine,
  oracle: OracleMachine,
  chunk: (object: number) => Step,
  missing: number,
): Taken {
  const chunkPages = oracle.vmalloc_exhaust_result[0]!.chunk / 4096;
  const cap = oracle.config.arch === 'x86_64' ? CAP : Number.POSITIVE_INFINITY;
  const [objects, vpns]: [number[], number[]] = [[], []];
  let machine = start;
  let stopped = '';
  while (stopped === '') {
    if (objects.length === cap) stopped = 'cap';
    else if (unusedPages(machine) + missing < chunkPages + LEFT_PAGES) stopped = 'ram';
    if (stopped !== '') break;
    const object = 1_000 + objects.length;
    const { next, vpn } = apply(machine, chunk(object));
    machine = next;
    if (vpn === 0) stopped = 'address_space';
    else objects.push(object);
    if (vpn !== 0) vpns.push(vpn);
  }
  const address = (vpn: number): string => `0x${pageAddress(start.platform.layout, vpn).toString(16)}`;
  return {
    machine,
    objects,
    stopped,
    count: objects.length,
    unused: unusedPages(machine) + missing,
    lowest: address(Math.min(...vpns)),
    highestEnd: address(Math.max(...vpns) + chunkPages),
    last: address(vpns.at(-1)!),
    first: vpns.map(address),
  };
}

/** Of the windows that agree with every address so far, the first in which as many areas fit as there did. */
function exhaustOne(window: CapturedWindow, oracle: OracleMachine, missing: number): Exhausted {
  const { count } = oracle.vmap_exhaust_result[0]!;
  const [first, ...others] = window.possible;
  const byRule = exhaust(first!, oracle, missing);
  if (byRule.mapped.count === count) return byRule;
  const found = others.find((machine) => exhaust(machine, oracle, missing).mapped.count === count);
  return found === undefined ? byRule : exhaust(found, oracle, missing);
}

interface Exhausted {
  readonly mapped: Taken;
  readonly filled: Taken;
}

/** vmap() until it fails, all of that freed, the last area first; then vmalloc(). */
function exhaust(start: Machine, oracle: OracleMachine, missing: number): Exhausted {
  const { chunk } = oracle.vmap_exhaust_result[0]!;
  const pages = apply(start, { kind: 'page_alloc', object: 999, order: 0, gfp: GFP_KERNEL });
  const map = (object: number): Step => ({ kind: 'vmap', object, pages: 999, count: chunk / 4096 });
  const mapped = take(pages.next, oracle, map, Number.POSITIVE_INFINITY);
  let machine = mapped.machine;
  for (const object of mapped.objects.toReversed()) machine = apply(machine, { kind: 'vunmap', object }).next;
  return { mapped, filled: take(machine, oracle, (object) => vmalloc(object, chunk), missing) };
}

/** Each reason to stop, each size of the pages of device memory, and each way in which the purge came. */
const QUICK = [
  'i386-3g-pae_512',
  'i386-3g_1024_vmalloc256M',
  'i386-3g_3500',
  'i386-3g_64',
  'x86_64_256',
  'x86_64_4096',
];

const machines = oracleMachines()
  .filter(({ id }) => FULL || QUICK.includes(id))
  .map((oracle) => {
    const probe = new Probe(oracle);
    const missing = missingPages(oracle, probe.window.machine);
    const devices: { row: OracleMachine['ioremap'][number]; machine: Machine; object: number }[] = [];
    probe.walk();
    probe.ioremap((row, machine, object) => devices.push({ row, machine, object }));
    probe.vmalloc();
    probe.reuse();
    const late = probe.rows.filter(({ match }) => match === 'timing').length;
    const title = `${probe.rows.length} addresses, of which ${late} tell when the purge ran`;
    const exhaustion = exhaustOne(probe.window, oracle, missing);
    return [oracle.id, title, oracle, probe, devices, exhaustion] as const;
  });

describe.each(machines)('%s', (_id, title, oracle, probe, devices, exhaustion) => {
  const { layout } = probe.window.machine.platform;

  test(title, () => {
    expect(probe.rows.filter(({ match }) => match === 'wrong')).toEqual([]);
  });

  test('device memory: refused or not, offset, size of the area, size of its pages', () => {
    const walks = oracle.page_table_walks.filter(({ tag }) => tag === 'ioremap');
    for (const { row, machine, object } of devices) {
      const area = vmallocAreas(machine).find((one) => one.object === object);
      expect(area !== undefined, row.phys).toBe(row.ok === 1);
      if (area === undefined) continue;
      expect(area).toMatchObject({ start: BigInt(row.area_addr), sizeBytes: row.area_size, kind: 'ioremap' });
      expect(area.physical! + BigInt(row.addr) - BigInt(row.area_addr)).toBe(BigInt(row.phys));
      expect(slowVirtToPhys(machine, BigInt(row.addr))).toBe(BigInt(row.phys));
      const { leaf } = walks.find(({ addr }) => addr === row.addr)!;
      const { level } = findLeaf(machine, machine.platform.kernelRoot, pageNumber(layout, area.start));
      expect(machine.platform.mmu.levels[level]!.span * 4096).toBe(LEAF_BYTES[leaf]);
    }
  });

  test('vmap and vmalloc until the end: how many, and why no more', () => {
    const { mapped, filled } = exhaustion;
    const [vmaps] = oracle.vmap_exhaust_result;
    expect(mapped).toMatchObject({ stopped: vmaps!.stopped, count: vmaps!.count });
    const [vmallocs] = oracle.vmalloc_exhaust_result;
    expect(filled.stopped).toBe(vmallocs!.stopped);
    expect(filled.count).toBe(vmallocs!.count);
    if (filled.stopped !== 'ram') return;
    // Of what we find unused, the kernel counts as free what is not on a per-cpu list.
    const { zones } = filled.machine.platform;
    const listed = filled.unused - vmallocs!.free_pages;
    expect(listed).toBeGreaterThanOrEqual(0);
    expect(listed).toBeLessThan(zones.reduce((pages, { pcpHigh }) => pages + pcpHigh, 0));
  });
});

test('the purge runs when the rule says, but for a few times', () => {
  const rows = machines.flatMap(([, , , probe]) => probe.rows);
  expect(rows.filter(({ match }) => match === 'timing').length / rows.length).toBeLessThan(0.01);
});

test('where the chunks lie follows from when the purge ran, which is not known: mostly as the rule says', () => {
  const places = machines.flatMap(([, , oracle, , , { mapped, filled }]) => {
    const [vmaps] = oracle.vmap_exhaust_result;
    const [vmallocs] = oracle.vmalloc_exhaust_result;
    return [
      mapped.lowest === vmaps!.lowest,
      mapped.highestEnd === vmaps!.highest_end,
      mapped.last === vmaps!.last,
      ...oracle.vmap_exhaust.map(({ n, addr }) => mapped.first[n] === addr),
      filled.lowest === vmallocs!.lowest,
      filled.highestEnd === vmallocs!.highest_end,
    ];
  });
  expect(places.filter((isRight) => isRight).length / places.length).toBeGreaterThan(0.95);
});

test('a dump that is cut, as with more cpus, leaves the same window: what lies behind is listed', () => {
  const wide = machines.filter(([, , oracle]) => oracle.config.arch === 'x86_64');
  for (const [id, , oracle] of wide.slice(0, atDepth({ quick: 1, full: wide.length }))) {
    const probe = new Probe(oracle, 30);
    probe.walk();
    probe.ioremap(() => {});
    probe.vmalloc();
    expect([id, probe.rows.filter(({ match }) => match === 'wrong')]).toEqual([id, []]);
  }
});

const LEAF_BYTES: Record<string, number> = { '4K': 2 ** 12, '2M': 2 ** 21, '4M': 2 ** 22, '1G': 2 ** 30 };
