/** Every real report that is at hand parses, whole, and its figures agree with one another. */
import { describe, expect, it } from 'vitest';
import {
  PROC_PARSERS,
  type ProcName,
  pagesOfBlocks,
  parseBuddyinfo,
  parseKernelPageTables,
  parseMeminfo,
  parsePagetypeinfo,
  parseSlabinfo,
  parseVmallocinfo,
  parseZoneinfo,
} from '../../../traces/index.ts';
import { CAPTURED, type ProcReport, reportsIn, TRACED } from '../../captures/proc-files.ts';

const reports = [...reportsIn(TRACED), ...reportsIn(CAPTURED)];
const parsed = reports.map((report) => ({
  ...report,
  result: PROC_PARSERS[report.kind](report.text, report.place),
}));
const of = (kind: ProcName) => parsed.filter((report) => report.kind === kind);
const where = ({ place, label, name }: ProcReport): string =>
  `${place.file}:${place.firstLine} ${label} ${name}`;

/** Reports that one kernel printed at one moment. */
const moments = new Map<string, ProcReport[]>();
for (const report of reports.filter(({ label }) => label !== undefined)) {
  const moment = `${report.place.file} ${report.label}`;
  moments.set(moment, [...(moments.get(moment) ?? []), report]);
}

describe('real reports', () => {
  it('are at hand, of every kind', () => {
    expect(new Set(reports.map(({ kind }) => kind))).toEqual(new Set(Object.keys(PROC_PARSERS)));
    expect(moments.size).toBeGreaterThan(30);
  });

  it('have a zone a line of buddyinfo, eleven orders each', () => {
    for (const report of of('buddyinfo')) {
      const zones = parseBuddyinfo(report.text);
      expect(zones.length, where(report)).toBe(report.text.trim().split('\n').length);
      expect(zones.every(({ freeBlocks }) => freeBlocks.length === 11)).toBe(true);
    }
  });

  it('have zoneinfo whose node statistics come once, and whose free pages are nr_free_pages', () => {
    for (const report of of('zoneinfo')) {
      const zones = parseZoneinfo(report.text);
      expect(zones.filter(({ nodeStatistics }) => nodeStatistics !== undefined)).toHaveLength(1);
      for (const { present, statistics, free, startPfn, pagesets } of zones) {
        expect(startPfn !== undefined, where(report)).toBe(present > 0);
        expect(pagesets.length > 0).toBe(present > 0);
        if (present > 0) expect(Math.abs(statistics.nr_free_pages! - free)).toBeLessThan(64); // read one by one
      }
    }
  });

  it('taken at one moment agree: zoneinfo, buddyinfo and pagetypeinfo count the same free pages', () => {
    for (const together of moments.values()) {
      const text = (kind: ProcName) => together.find((report) => report.kind === kind)!.text;
      const zoneinfo = parseZoneinfo(text('zoneinfo')).filter(({ present }) => present > 0);
      const types = parsePagetypeinfo(text('pagetypeinfo')).free;
      parseBuddyinfo(text('buddyinfo')).forEach(({ zone, freeBlocks }, i) => {
        const byType = types.filter((row) => row.zone === zone).map((row) => row.freeBlocks);
        expect(freeBlocks).toEqual(freeBlocks.map((_, order) => sum(byType.map((counts) => counts[order]!))));
        // zoneinfo was read a moment later: a refill or drain of a per-cpu list may lie between
        expect(Math.abs(pagesOfBlocks(freeBlocks) - zoneinfo[i]!.free)).toBeLessThan(2048);
      });
    }
  });

  it('have meminfo with totals that add up', () => {
    for (const report of of('meminfo')) {
      const { MemTotal, LowTotal, HighTotal, Slab, SReclaimable, SUnreclaim } = parseMeminfo(report.text);
      expect(Slab, where(report)).toBe(SReclaimable! + SUnreclaim!);
      if (LowTotal !== undefined) expect(MemTotal).toBe(LowTotal + HighTotal!);
    }
  });

  it('have slabinfo whose objects fill whole slabs', () => {
    for (const report of of('slabinfo')) {
      for (const { objects, objectsPerSlab, slabs, activeObjects } of parseSlabinfo(report.text)) {
        expect(objects % objectsPerSlab, where(report)).toBe(0);
        expect(activeObjects).toBeLessThanOrEqual(objects);
        expect(slabs).toBe(objects / objectsPerSlab);
      }
    }
  });

  it('have vmallocinfo with addresses unless they are hidden, and a guard page behind the pages', () => {
    for (const report of of('vmallocinfo')) {
      const areas = parseVmallocinfo(report.text);
      const hidden = report.text.includes('ptrval');
      expect(
        areas.every(({ start }) => (start === undefined) === hidden),
        where(report),
      ).toBe(true);
      for (const { nrPages, sizeBytes, flags } of areas)
        if (nrPages !== undefined && !flags.includes('user'))
          expect(sizeBytes).toBeGreaterThanOrEqual(nrPages * 4096);
    }
  });

  it('have kernel page tables without a gap, from user space to the end of addresses', () => {
    for (const report of of('kernel_page_tables')) {
      const markers = parseKernelPageTables(report.text);
      const ranges = markers.flatMap(({ ranges }) => ranges);
      const gaps = ranges.filter(({ start }, i) => i > 0 && start !== ranges[i - 1]!.end);
      const skipping = markers.filter(({ skipped }) => skipped > 0);
      expect(gaps.length, where(report)).toBe(skipping.length);
      expect(ranges[0]!.start).toBe(0n);
      expect([1n << 32n, 1n << 64n]).toContain(ranges.at(-1)!.end);
    }
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
