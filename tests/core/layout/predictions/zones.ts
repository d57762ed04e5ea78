/** Zones: where they begin, what they span, what of that is RAM; and the totals that follow. */
import type { Layout } from '../../../../core/layout/catalog/index.ts';
import { vmallocEnd } from '../../../../core/layout/convert.ts';
import { kernelZoneNames } from '../../../../core/phys/zones.ts';
import type { CapturedMachine } from '../../../captures/captured-machine.ts';
import { MANAGED, type Prediction } from './prediction.ts';

interface ZoneRow {
  readonly name: string;
  readonly start_pfn: number;
  readonly spanned: number;
  readonly present: number;
}

function zoneRows({ zones }: Layout): ZoneRow[] {
  return zones.map(({ name, startPfn, spannedPages, presentPages }) => ({
    name,
    start_pfn: startPfn,
    spanned: spannedPages,
    present: presentPages,
  }));
}

const rowOf = ({ name, start_pfn, spanned, present }: ZoneRow): ZoneRow => ({
  name,
  start_pfn,
  spanned,
  present,
});

export function zones({ zones: captured }: CapturedMachine, layout: Layout): Prediction {
  const left = { managed: MANAGED, 'marks, reserves, per-cpu limits': 'tests/core/phys/zones.test.ts' };
  return { predicted: { zones: zoneRows(layout) }, captured: { zones: captured.map(rowOf) }, left };
}

export function emptyZones({ zones_empty }: CapturedMachine, layout: Layout): Prediction {
  const populated = layout.zones.map(({ name }) => name as string);
  const empty = [...kernelZoneNames(layout), 'Movable'].filter((name) => !populated.includes(name));
  return { predicted: { zones_empty: empty }, captured: { zones_empty } };
}

/** Whenever they were looked at. */
export function zoneSnapshots({ zone_snapshots }: CapturedMachine, layout: Layout): Prediction {
  const rows = zone_snapshots.map(rowOf);
  const predicted = rows.map(({ name }) => zoneRows(layout).find((zone) => zone.name === name));
  return { predicted: { zone_snapshots: predicted }, captured: { zone_snapshots: rows } };
}

/** High memory is left to the page allocator whole. */
export function highKib({ zones }: Layout): number {
  return (zones.find(({ name }) => name === 'HighMem')?.presentPages ?? 0) * 4;
}

export function vmallocTotal({ vmalloc_total_kb }: CapturedMachine, layout: Layout): Prediction {
  return { predicted: { vmalloc_total_kb: vmallocKib(layout) }, captured: { vmalloc_total_kb } };
}

export function vmallocKib(layout: Layout): number {
  return Number((vmallocEnd(layout) - layout.vmalloc.start) >> 10n);
}
