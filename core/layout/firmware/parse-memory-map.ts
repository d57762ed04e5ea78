/**
 * A machine from text: /proc/iomem of any processor, a boot log in whatever form people have it, or a device tree as text.
 * Sources are told in boot-log.ts, iomem-map.ts and memory-banks.ts.
 */
import { UsageError } from '../../base/errors.ts';
import { bootLogReport } from './boot-log.ts';
import type { Dialect } from './dialect.ts';
import { e820Events } from './e820-lines.ts';
import { iomemReport, looksLikeIomem } from './iomem-map.ts';
import { type LogLine, logLines } from './log-text.ts';
import { SYSTEM_RAM } from './memory-map.ts';
import type { MemoryReport } from './memory-report.ts';

const LOG_LINE = /Linux version \d|BIOS-\w{1,8}:|ommand line:|physical RAM map/;

/** What a text tells of its machine; its RAM may be missing. @throws UsageError for what cannot be read */
export function memoryReportIn(text: string, dialects: readonly Dialect[]): MemoryReport {
  const lines = logLines(text);
  const isLog = lines.some((line) => LOG_LINE.test(line.text) || e820Events(line.text).length > 0);
  return !isLog && looksLikeIomem(lines)
    ? iomemReport(lines, dialects)
    : checked(bootLogReport(lines, dialects), lines);
}

/** A text without anything of a machine is a wrong file. */
function checked(report: MemoryReport, lines: readonly LogLine[]): MemoryReport {
  const first = lines.find(({ text }) => text.trim() !== '');
  if (report.findings.length > 0 || first === undefined) return report;
  const found = `memory map, line ${first.number}: '${first.text.trim().slice(0, 100)}'`;
  throw new UsageError(`${found}; expected ${EXPECTED}`);
}

const EXPECTED =
  "'00100000-3ffdffff : System RAM' as in /proc/iomem, or dmesg with lines such as " +
  "'BIOS-e820: [mem 0x00100000-0x3ffdffff] usable'";

/** @throws UsageError when the report has no RAM at any place */
export function withRam(report: MemoryReport, otherwise = ''): MemoryReport {
  if (report.physical.some(({ name }) => name === SYSTEM_RAM)) return report;
  throw new UsageError(
    'memory map: no RAM in it; expected `System RAM` (/proc/iomem), `usable` (BIOS-e820) or `node 0: [mem` ranges: ' +
      `take it from /proc/iomem, as root, or from dmesg${otherwise === '' ? '' : `, ${otherwise}`}`,
  );
}
