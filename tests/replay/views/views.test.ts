/** Every view of machines that have done some work: it parses like the real file, and says what the machine says. */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { batchOf } from '../../../core/event/batch.ts';
import { fold } from '../../../core/fold/fold.ts';
import { buildLayout, directMap, unusedRam } from '../../../core/layout/catalog/index.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { countersOf } from '../../../core/outcome/counters.ts';
import { PTE_LARGE, pteFrame } from '../../../core/paging/pte.ts';
import { entryRow } from '../../../core/paging/table-walk.ts';
import * as frames from '../../../core/phys/frames.ts';
import { VIEWS, viewNamed } from '../../../replay/views/index.ts';
import {
  PROC_PARSERS,
  type ProcName,
  pagesOfBlocks,
  parseBuddyinfo,
  parseIomem,
  parseKernelPageTables,
  parseMeminfo,
  parsePagetypeinfo,
  parseSlabinfo,
  parseVmallocinfo,
  parseZoneinfo,
} from '../../../traces/index.ts';
import { WORKLOADS } from '../../../workloads/index.ts';
import { FULL } from '../../support/depth.ts';
import { DISTINCT_LAYOUTS } from '../../support/distinct-layouts.ts';
import { randomEvents } from '../support.ts';

const EVENTS = 3000;
const RAM = 2n ** 30n;

const RANDOM = ['random', [batchOf(randomEvents(3, EVENTS))]] as const;
const LAWFUL = [
  ['boot', []] as const,
  ...WORKLOADS.map((workload) => [workload.name, [...workload.generate(3, {}, EVENTS)]] as const),
];

/** Made once for each machine: most are looked at by several tests. */
function text(machine: Machine, name: ProcName): string {
  const ofMachine = texts.get(machine) ?? new Map<ProcName, string>();
  texts.set(machine, ofMachine);
  if (!ofMachine.has(name)) ofMachine.set(name, viewNamed(name).text(machine));
  return ofMachine.get(name)!;
}
const texts = new WeakMap<Machine, Map<ProcName, string>>();

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Files count in KiB: pages of 512 bytes leave halves over. */
const COUNTED = DISTINCT_LAYOUTS.filter(({ family }) => family !== 'vax').map((layout, nth) => ({
  ...layout,
  // Layouts are many enough to share out what is lawful.
  streams: [RANDOM, ...(FULL ? LAWFUL : [LAWFUL[nth % LAWFUL.length]!])],
}));

describe.each(COUNTED)('$name', ({ name, family, streams }) => {
  const boot = bootMachine(buildLayout(name, { ramBytes: RAM, cpus: 2 }));
  const { pageShift } = boot.platform.layout;
  const kibPerPage = 2 ** (pageShift - 10);
  const isX86 = family === 'textbook' || family === 'linux-6.1';
  const views = VIEWS.filter((view) => isX86 || view.name !== 'kernel_page_tables');

  describe.each(streams)('after %s', (_name, batches) => {
    const machine = batches.reduce((machine, batch) => fold(machine, batch).machine, boot);
    const zones = parseZoneinfo(text(machine, 'zoneinfo'));
    const populated = zones.filter(({ present }) => present > 0);
    const meminfo = parseMeminfo(text(machine, 'meminfo'));

    test.each(views)('$name parses into the figures that it was made from', (view) => {
      const name = view.name as ProcName;
      const parse: (text: string) => unknown = PROC_PARSERS[name];
      expect(parse(text(machine, name))).toEqual(view.figures(machine));
    });

    test('free pages are the same in buddyinfo, pagetypeinfo, zoneinfo and meminfo, and what the frames say', () => {
      const buddy = parseBuddyinfo(text(machine, 'buddyinfo'));
      const types = parsePagetypeinfo(text(machine, 'pagetypeinfo'));
      expect(buddy.map(({ freeBlocks }) => pagesOfBlocks(freeBlocks))).toEqual(
        populated.map(({ free }) => free),
      );
      for (const { zone, freeBlocks } of buddy) {
        const rows = types.free.filter((row) => row.zone === zone);
        expect(freeBlocks).toEqual(
          freeBlocks.map((_, order) => sum(rows.map((row) => row.freeBlocks[order]!))),
        );
      }
      expect(meminfo.MemFree).toBe(kibPerPage * sum(populated.map(({ free }) => free)));
      expect(meminfo.MemFree).toBe(kibPerPage * pagesUsedAs(machine, frames.USE_FREE));
    });

    test('zones: pageblocks cover them, marks ascend, per-cpu lists hold what is neither free nor given out', () => {
      const { blocks, pagesPerBlock } = parsePagetypeinfo(text(machine, 'pagetypeinfo'));
      populated.forEach(({ spanned, min, low, high, present, managed }, i) => {
        const pageblocks = sum(Object.values(blocks[i]!.blocks));
        expect(pageblocks).toBe(Math.ceil(spanned / pagesPerBlock));
        expect([min < low, low < high, managed <= present, present <= spanned]).toEqual([
          true,
          true,
          true,
          true,
        ]);
      });
      const onLists = populated.flatMap(({ pagesets }) => pagesets.map(({ count }) => count));
      expect(sum(onLists)).toBe(pagesUsedAs(machine, frames.USE_PCP));
      expect(populated[0]!.pagesets).toHaveLength(Math.max(2, machine.vars[7]!));
    });

    test('meminfo: totals are those of the zones, and its parts are what frames are used for', () => {
      const { MemTotal, LowTotal, HighTotal, LowFree, HighFree, MemFree } = meminfo;
      expect(MemTotal).toBe(kibPerPage * sum(populated.map(({ managed }) => managed)));
      expect(HighTotal === undefined).toBe(machine.platform.layout.pkmap === undefined);
      if (HighTotal !== undefined)
        expect([LowTotal! + HighTotal, LowFree! + HighFree!]).toEqual([MemTotal, MemFree]);
      const used = (...uses: number[]): number =>
        kibPerPage * sum(uses.map((use) => pagesUsedAs(machine, use)));
      const { AnonPages, Cached, Slab, KernelStack, Inactive } = meminfo;
      expect({ AnonPages, Cached, Slab, KernelStack, Inactive }).toEqual({
        AnonPages: used(frames.USE_ANON),
        Cached: used(frames.USE_PAGE_CACHE),
        Slab: used(frames.USE_SLAB, frames.USE_KMALLOC_LARGE),
        KernelStack: used(frames.USE_KERNEL_STACK),
        Inactive: used(frames.USE_ANON, frames.USE_PAGE_CACHE),
      });
      expect(Inactive).toBe(meminfo['Inactive(anon)']! + meminfo['Inactive(file)']!);
      expect(meminfo.Shmem! + meminfo['Inactive(file)']!).toBe(Cached);
      expect(meminfo.MemAvailable).toBeLessThanOrEqual(MemFree! + meminfo['Inactive(file)']!);
    });

    test('page tables: those of processes are in meminfo, all of them are the counter', () => {
      const { records, platform, counters } = machine;
      const ofProcesses = Object.values(records.mms).map(({ root }) => tablesByLevel(machine, root));
      const ofKernel = tablesByLevel(machine, platform.kernelRoot);
      expect(sum([...ofProcesses, ofKernel].flat())).toBe(countersOf(counters).pageTablePages);
      const counted = ofProcesses.map((levels) => sum(levels.slice(1).slice(-2)));
      expect(meminfo.PageTables).toBe(kibPerPage * sum(counted));
    });

    test('vmallocinfo: ascending areas in the window, whose pages meminfo counts', () => {
      const { vmalloc } = machine.platform.layout;
      const areas = parseVmallocinfo(text(machine, 'vmallocinfo')).filter(
        ({ flags }) => flags[0] !== 'unpurged vm_area',
      );
      areas.forEach(({ start, end }, i) => {
        expect(start! >= (areas[i - 1]?.end ?? vmalloc.start) && end! <= vmalloc.end).toBe(true);
      });
      expect(meminfo.VmallocUsed).toBe(kibPerPage * sum(areas.map(({ nrPages }) => nrPages ?? 0)));
      expect(sum(areas.map(({ sizeBytes }) => sizeBytes))).toBeLessThanOrEqual(meminfo.VmallocTotal! * 1024);
    });

    test('slabinfo: the pages of all slabs are in meminfo', () => {
      const caches = parseSlabinfo(text(machine, 'slabinfo'));
      const large = kibPerPage * pagesUsedAs(machine, frames.USE_KMALLOC_LARGE);
      expect(kibPerPage * sum(caches.map(({ slabs, pagesPerSlab }) => slabs * pagesPerSlab)) + large).toBe(
        meminfo.Slab,
      );
      for (const { activeObjects, objects, slabs, objectsPerSlab } of caches)
        expect([activeObjects <= objects, objects]).toEqual([true, slabs * objectsPerSlab]);
    });

    if (isX86)
      test('kernel page tables: no gaps; the direct map, and under vmalloc as many pages as its areas have', () => {
        const { layout } = machine.platform;
        const markers = parseKernelPageTables(text(machine, 'kernel_page_tables'));
        const ranges = markers.flatMap(({ ranges }) => ranges);
        expect(ranges.slice(1).map(({ start }) => start)).toEqual(ranges.slice(0, -1).map(({ end }) => end));
        expect([ranges[0]!.start, ranges.at(-1)!.end]).toEqual([0n, 1n << BigInt(layout.arch.wordBits)]);
        const mapped = (from: bigint, to: bigint): number =>
          sum(
            ranges
              .filter(({ start, protection }) => protection !== undefined && from <= start && start < to)
              .map(({ start, end }) => Number(end - start)),
          );
        const direct = sum(directMap(layout).map(({ startPfn, endPfn }) => endPfn - startPfn));
        expect(mapped(layout.pageOffset, layout.highMemory)).toBe(2 ** pageShift * direct);
        const areas = parseVmallocinfo(text(machine, 'vmallocinfo')).filter(({ flags }) => flags.length > 0);
        const inAreas = areas
          .filter(({ flags }) => flags[0] !== 'unpurged vm_area')
          .map(({ sizeBytes }) => sizeBytes - 2 ** pageShift);
        expect(mapped(layout.vmalloc.start, layout.vmalloc.end)).toBe(sum(inAreas));
      });

    test('iomem: RAM is that of the layout', () => {
      const ram = parseIomem(text(machine, 'iomem')).filter(({ name }) => name === 'System RAM');
      const bytes = ram.reduce((total, { start, end }) => total + end - start, 0n);
      const { layout } = machine.platform;
      // ARM does not keep what it does not use; a PC's map has all.
      const unused = layout.family === 'arm' ? (unusedRam(layout)?.bytes ?? 0) : 0;
      expect(layout.ramBytes - BigInt(unused) - bytes).toBeLessThanOrEqual(2n ** 20n);
    });
  });
});

/** By walking the blocks from frame 0 on, once for each machine. */
function pagesUsedAs(machine: Machine, wanted: number): number {
  if (!pagesByUse.has(machine)) pagesByUse.set(machine, countByUse(machine));
  return pagesByUse.get(machine)!.get(wanted) ?? 0;
}

const pagesByUse = new WeakMap<Machine, ReadonlyMap<number, number>>();

function countByUse(machine: Machine): Map<number, number> {
  const pages = new Map<number, number>();
  for (let pfn = 0; pfn < machine.platform.layout.maxPfn; ) {
    const use = machine.frames.get(pfn, frames.FRAME.use);
    const size = use === frames.USE_NONE ? 1 : 2 ** machine.frames.get(pfn, frames.FRAME.order);
    pages.set(use, (pages.get(use) ?? 0) + size);
    pfn += size;
  }
  return pages;
}

/** Page-table pages of a tree, the root first. */
function tablesByLevel(machine: Machine, root: number): number[] {
  const { mmu } = machine.platform;
  const levels: number[][] = [[root]];
  for (let level = 0; level < mmu.levels.length - 1; level++) {
    const entries = levels[level]!.flatMap((table) =>
      Array.from({ length: mmu.levels[level]!.mask + 1 }, (_, i) =>
        machine.ptes.get(entryRow(mmu, table, i * mmu.levels[level]!.span, level), 0),
      ),
    );
    // Neighbouring tables may share a page.
    const tables = entries.filter((entry) => entry !== 0 && (entry & PTE_LARGE) === 0).map(pteFrame);
    levels.push([...new Set(tables)]);
  }
  return levels.map((tables, level) => tables.length * 2 ** mmu.levels[level]!.order);
}

test.each(['ia64-16k', 'vax-vms', 'linux-arm-3g1g'])('%s has no kernel_page_tables, and says so', (name) => {
  const machine = bootMachine(buildLayout(name));
  expect(() => viewNamed('kernel_page_tables').text(machine)).toThrow(/expected a layout of x86/);
});
