/** What a boot log or /proc/iomem tells of its machine, a row each, with the line of the file that it came from. */
import { hasPageSizes, type MemoryReport } from '../../core/index.ts';
import { formatBytes } from '../text/units.ts';

export interface MachineRow {
  readonly what: string;
  readonly value: string;
  /** Undefined: it follows from several lines together. */
  readonly line?: number;
}

export function machineRows(report: MemoryReport): MachineRow[] {
  return [...rowsOfAll(report), ...report.findings.map(({ what, value, line }) => ({ what, value, line }))];
}

function rowsOfAll({ dialect, machine, split, wideEntries, highmem, pageBytes }: MemoryReport): MachineRow[] {
  const rows: (readonly [what: string, value: string | boolean | undefined])[] = [
    ['machine', machine],
    ['architecture', dialect?.name],
    ['split', split],
    [dialect?.wideEntries?.name ?? '', wideEntries],
    ['high memory configured', highmem],
    ['page size', dialect && hasPageSizes(dialect) && pageBytes ? formatBytes(pageBytes) : undefined],
  ];
  return rows.flatMap(([what, value]) =>
    value === undefined ? [] : [{ what, value: value === true ? 'yes' : value === false ? 'no' : value }],
  );
}
