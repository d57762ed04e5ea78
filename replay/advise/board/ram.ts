/** How much RAM the machine has: from its memory map, or from what a failure report or /proc says of pages. */
import type { MemoryReport } from '../../../core/index.ts';
import { totalBytes } from '../../../core/layout/firmware/memory-map.ts';
import type { FailureReport } from '../../../traces/index.ts';
import type { Evidence, LogEvidence } from './evidence.ts';

export interface ToldRam {
  readonly bytes: number;
  readonly from: string;
  /** A lane has to say it: no memory map does. */
  readonly needsAmount: boolean;
}

const MIB = 2 ** 20;

/** Undefined: no file tells. */
export function ramTold(
  { zoneinfo, meminfo }: Evidence,
  failure: FailureReport | undefined,
  log: LogEvidence | undefined,
): ToldRam | undefined {
  const mapped = log?.report && ramOfReport(log.report);
  if (log !== undefined && mapped !== undefined && mapped > 0)
    return { bytes: mapped, from: log.file, needsAmount: false };
  const amount = (bytes: number, from: string): ToldRam => ({
    bytes: rounded(bytes),
    from,
    needsAmount: true,
  });
  const reported = failure && reportedBytes(failure);
  if (reported !== undefined && reported > 0) return amount(reported, `the report at line ${failure!.line}`);
  const spanned = zoneinfo?.value.reduce((sum, { present }) => sum + present, 0) ?? 0;
  if (spanned > 0) return amount(spanned * 4096, zoneinfo!.file);
  const total = meminfo?.value.MemTotal;
  return total === undefined ? undefined : amount(total * 1024, meminfo!.file);
}

/** Bytes; 0: the log tells of none. */
export function ramOfReport({ physical, ramBytes }: MemoryReport): number {
  const ranges = physical.filter(({ name }) => name === 'System RAM');
  return Number(ranges.length > 0 ? totalBytes(ranges) : (ramBytes ?? 0n));
}

/** Firmware keeps a little of what there is. */
function rounded(bytes: number): number {
  const unit = bytes > 512 * MIB ? 16 * MIB : MIB;
  return Math.ceil(bytes / unit) * unit;
}

/** `pages RAM`, or its zones; of high memory that is not told of its share of the reserve (a 32nd) tells. */
export function reportedBytes({ ramPages, zones, pageKb, request }: FailureReport): number {
  if (request?.kind === 'unused-ram') return (request.coveredMb ?? 0) * MIB;
  if (ramPages !== undefined) return ramPages * pageKb * 1024;
  const present = zones.reduce((sum, zone) => sum + zone.present, 0);
  const hasHigh = zones.some(({ zone }) => zone === 'HighMem');
  const normal = zones.find(({ zone }) => zone === 'Normal');
  const reserved = hasHigh || normal === undefined ? 0 : Math.max(0, ...normal.reserve);
  return (present + reserved * NORMAL_RATIO * pageKb) * 1024;
}

/** sysctl_lowmem_reserve_ratio of Normal (mm/page_alloc.c, 2.6.12 to 7.0). */
const NORMAL_RATIO = 32;
