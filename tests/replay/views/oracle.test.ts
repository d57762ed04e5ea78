/**
 * Views of just booted machines against what the captured kernels of the same machines printed: the same lines, and
 * the same figures where booting decides them. Two things are taken from the capture: how many pages each zone
 * manages, which depends on every allocation of early boot, and which vmalloc areas there were.
 */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { batchOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { fold } from '../../../core/fold/fold.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { describeZones } from '../../../core/phys/zones.ts';
import { viewNamed } from '../../../replay/views/index.ts';
import {
  type ProcName,
  parseKernelPageTables,
  parseMeminfo,
  parsePagetypeinfo,
  parseSlabinfo,
  parseVmallocinfo,
  parseZoneinfo,
} from '../../../traces/index.ts';
import type { OracleMachine } from '../../captures/oracle-machine.ts';
import { layoutNameOf, optionsOf, oracleMachines } from '../../captures/oracle-machines.ts';
import { captureOf, type ProcReport } from '../../captures/proc-files.ts';
import { eventOf } from '../../support/rows.ts';

const captures = oracleMachines().flatMap((oracle) => {
  const capture = captureOf(oracle.id);
  return capture === undefined ? [] : [{ oracle, id: oracle.id, capture }];
});

/** The machine as it boots, with the managed pages and vmalloc areas of the captured one. */
function machineLike(oracle: OracleMachine, capture: ReadonlyMap<string, ProcReport>): Machine {
  const layout = buildLayout(layoutNameOf(oracle), optionsOf(oracle));
  const machine = bootMachine(layout);
  const pages = (zones: readonly { readonly managed: number }[]): number[] =>
    zones.map(({ managed }) => managed).filter((managed) => managed > 0);
  const atBoot = pages(oracle.zone_snapshots.filter(({ tag }) => tag === 'initcall'));
  const later = pages(parseZoneinfo(capture.get('zoneinfo')!.text));
  const zones = describeZones(layout, atBoot);
  const managed = zones.map((zone, i) => ({ ...zone, managedPages: later[i]! }));
  const withAreas = fold(machine, batchOf(areasAtBoot(capture.get('vmallocinfo')!.text))).machine;
  return { ...withAreas, platform: { ...machine.platform, zones: managed } };
}

/** What the kernel had vmalloc'ed by then; it maps the start of the window. */
function areasAtBoot(vmallocinfo: string): MemoryEvent[] {
  const areas = parseVmallocinfo(vmallocinfo).filter(({ nrPages }) => nrPages !== undefined);
  return areas.map(({ nrPages }, i) => eventOf({ kind: 'vmalloc', object: i + 1, size: 4096 * nrPages! }));
}

/** Lines without their numbers: what a report looks like. */
function masked(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/\b\d+\b/g, '#').replace(/ +#/g, ' #'));
}

describe.each(captures)('$id', ({ oracle, capture }) => {
  const captured = (name: string): string => capture.get(name)!.text;
  const machine = machineLike(oracle, capture);
  const viewed = (name: ProcName): string => viewNamed(name).text(machine);

  test.each(['buddyinfo', 'pagetypeinfo', 'zoneinfo', 'meminfo'] as const)(
    '%s has the same lines',
    (name) => {
      expect(masked(viewed(name))).toEqual(masked(captured(name)));
    },
  );

  test('iomem is the same, byte for byte', () => {
    expect(viewed('iomem').trimEnd()).toBe(captured('iomem').trimEnd());
  });

  test('zones: sizes, marks, reserves, limits of per-cpu lists, thresholds', () => {
    const decided = (text: string) =>
      parseZoneinfo(text).map(
        ({ pages, pagesets, statistics: _, free: __, nodeStatistics: ___, ...zone }) => ({
          ...zone,
          pages: { ...pages, free: 0 },
          pagesets: pagesets.map(({ count: _, ...limits }) => limits),
        }),
      );
    expect(decided(viewed('zoneinfo'))).toEqual(decided(captured('zoneinfo')));
  });

  test('pageblocks: their size, and how many each zone has', () => {
    const decided = (text: string) => {
      const { pageblockOrder, pagesPerBlock, blocks } = parsePagetypeinfo(text);
      const counts = blocks.map(({ blocks }) => Object.values(blocks).reduce((sum, count) => sum + count, 0));
      return { pageblockOrder, pagesPerBlock, counts };
    };
    expect(decided(viewed('pagetypeinfo'))).toEqual(decided(captured('pagetypeinfo')));
  });

  test('meminfo: totals, limits, the window of vmalloc, the direct map', () => {
    const decided = (text: string) => {
      const meminfo = parseMeminfo(text);
      const names = Object.keys(meminfo).filter((name) => /Total|Limit|Hugepagesize|DirectMap/.test(name));
      return Object.fromEntries(names.map((name) => [name, meminfo[name]]));
    };
    expect(decided(viewed('meminfo'))).toEqual(decided(captured('meminfo')));
  });

  test('meminfo: what is not available of free memory is the reserve', () => {
    const { MemFree, MemAvailable } = parseMeminfo(viewed('meminfo'));
    const real = parseMeminfo(captured('meminfo'));
    const reclaimable = real.KReclaimable! / 4;
    const low = parseZoneinfo(captured('zoneinfo')).reduce(
      (sum, { low, present }) => sum + (present && low),
      0,
    );
    const usable = 4 * (reclaimable - Math.min(Math.floor(reclaimable / 2), low));
    expect(real['Active(file)']! + real['Inactive(file)']!).toBe(0);
    expect(MemFree! - MemAvailable!).toBe(real.MemFree! + usable - real.MemAvailable!);
  });

  test('slabinfo: the kmalloc caches stand in the same order and have the same geometry', () => {
    const kmalloc = (text: string) =>
      parseSlabinfo(text)
        .filter(({ name }) => name.includes('kmalloc-'))
        .map(({ name, objectBytes, objectsPerSlab, pagesPerSlab }) => ({
          name,
          objectBytes,
          objectsPerSlab,
          pagesPerSlab,
        }));
    expect(kmalloc(viewed('slabinfo'))).toEqual(kmalloc(captured('slabinfo')));
  });

  test('kernel page tables: all markers where they are, all ranges but in the areas of vmalloc and ESPfix', () => {
    const ours = parseKernelPageTables(viewed('kernel_page_tables'));
    const real = parseKernelPageTables(captured('kernel_page_tables'));
    const decided = (markers: typeof ours) =>
      markers.map(({ name, ranges }) => ({
        name,
        start: ranges[0]!.start,
        ranges: /vmalloc\(\) Area|ESPfix/.test(name) ? [] : ranges,
      }));
    expect(decided(ours)).toEqual(decided(real));
  });
});

test('captures are at hand', () => expect(captures.length).toBeGreaterThan(0));
