/** Parse and format are inverse: every real report comes out again byte for byte. */
import { describe, expect, it } from 'vitest';
import {
  formatBuddyinfo,
  formatIomem,
  formatKernelPageTables,
  formatMaps,
  formatMeminfo,
  formatPagemap,
  formatPagetypeinfo,
  formatPmap,
  formatSlabinfo,
  formatSmaps,
  formatVmallocinfo,
  formatZoneinfo,
  PROC_PARSERS,
  type ProcName,
  parseBuddyinfo,
  parseIomem,
  parseKernelPageTables,
  parseMaps,
  parseMeminfo,
  parsePagemap,
  parsePagetypeinfo,
  parsePmap,
  parseSlabinfo,
  parseSmaps,
  parseVmallocinfo,
  parseZoneinfo,
} from '../../../traces/index.ts';
import { CAPTURED, type ProcReport, reportsIn, TRACED } from '../../captures/proc-files.ts';

const reports = [...reportsIn(TRACED), ...reportsIn(CAPTURED)];

/** Addresses have as many digits as the kernel's pointers, which a report shows by itself. */
function again({ kind, text, place }: ProcReport): string {
  const rewrite: Record<ProcName, () => string> = {
    buddyinfo: () => formatBuddyinfo(parseBuddyinfo(text, place)),
    pagetypeinfo: () => formatPagetypeinfo(parsePagetypeinfo(text, place)),
    zoneinfo: () => formatZoneinfo(parseZoneinfo(text, place)),
    meminfo: () => formatMeminfo(parseMeminfo(text, place)),
    slabinfo: () => formatSlabinfo(parseSlabinfo(text, place)),
    vmallocinfo: () => {
      const virtual = text.indexOf('-') - 2;
      return formatVmallocinfo(parseVmallocinfo(text, place), { virtual, physical: 16 });
    },
    iomem: () => formatIomem(parseIomem(text, place)),
    maps: () => formatMaps(parseMaps(text, place), 8),
    smaps: () => formatSmaps(parseSmaps(text, place), { wordBytes: 8, numberWidth: 8 }),
    pmap: () => formatPmap(parsePmap(text, place), 8),
    pagemap: () => formatPagemap(parsePagemap(text, place), 8),
    kernel_page_tables: () =>
      formatKernelPageTables(parseKernelPageTables(text, place), text.split('\n')[1]!.indexOf('-') - 2),
  };
  return rewrite[kind]();
}

describe.each(Object.keys(PROC_PARSERS) as ProcName[])('%s', (kind) => {
  it('comes out as it went in', () => {
    for (const report of reports.filter((report) => report.kind === kind)) {
      const whole = report.text.endsWith('\n') ? report.text : `${report.text}\n`;
      expect(again(report), `${report.place.file} ${report.name}`).toBe(whole);
    }
  });
});
