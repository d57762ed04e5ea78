/**
 * What a kernel's memory looked like when a trace began, from its own reports: the state for a replay to start from.
 * It goes into a trace's header, as the parameter `initialState`.
 */
import { UsageError } from '../../core/base/errors.ts';
import type { KernelArea } from '../../core/kmap/kernel-areas.ts';
import type { PhysicalRange } from '../../core/layout/layout.ts';
import { type InitialZoneMemory, migrateTypeNamed, type ZoneMarks } from '../../core/phys/initial-memory.ts';
import { MIGRATE_NAMES } from '../../core/phys/migrate.ts';
import { MOST_ORDERS } from '../../core/phys/zones.ts';
import type { TraceHeader } from '../vmt/format.ts';
import { type BuddyinfoZone, parseBuddyinfo } from './buddyinfo.ts';
import { fitting, type InitialArea, initialArea, isInitialArea, kernelAreas } from './initial-areas.ts';
import { type Pagetypeinfo, parsePagetypeinfo } from './pagetypeinfo.ts';
import type { ProcSection } from './sections.ts';
import { parseSlabinfo, type SlabinfoCache } from './slabinfo.ts';
import type { ProcPlace } from './text.ts';
import { parseVmallocinfo } from './vmallocinfo.ts';
import { type Pageset, parseZoneinfo, type ZoneinfoZone } from './zoneinfo.ts';

/** A zone with pages. All in pages unless named otherwise. */
export interface InitialZone {
  readonly node: number;
  readonly zone: string;
  readonly startPfn: number;
  readonly spanned: number;
  readonly present: number;
  readonly managed: number;
  /** Watermarks. */
  readonly min: number;
  readonly low: number;
  readonly high: number;
  /** By order: free blocks of 2^order pages (buddyinfo). */
  readonly freeBlocks: readonly number[];
  /** The same by migrate type (pagetypeinfo). */
  readonly freeByType?: Readonly<Record<string, readonly number[]>>;
  /** Pageblocks by migrate type (pagetypeinfo). */
  readonly pageblocks?: Readonly<Record<string, number>>;
  /** Per-cpu lists: which pages are on them the kernel does not tell. */
  readonly pagesets: readonly Pick<Pageset, 'cpu' | 'count' | 'high' | 'batch'>[];
}

/** A slab cache with objects (slabinfo). */
export interface InitialCache {
  readonly name: string;
  readonly objectBytes: number;
  readonly objectsPerSlab: number;
  readonly pagesPerSlab: number;
  readonly slabs: number;
  readonly activeObjects: number;
}

/** The memory of a machine before the first event, from the reports of a kernel. */
export interface InitialState {
  readonly zones: readonly InitialZone[];
  readonly pageblockOrder?: number;
  readonly slabCaches?: readonly InitialCache[];
  /** In use in the vmalloc window (vmallocinfo), where the kernel showed addresses; what awaits a purge is free. */
  readonly vmallocAreas?: readonly InitialArea[];
}

/** The files that a snapshot consists of; the first two must be there. */
export const SNAPSHOT_FILES = ['zoneinfo', 'buddyinfo', 'pagetypeinfo', 'slabinfo', 'vmallocinfo'] as const;
type SnapshotFile = (typeof SNAPSHOT_FILES)[number];

/** From the reports of one moment; of several, from the first of each. @param source for messages */
export function initialStateFrom(reports: readonly ProcSection[], source: string): InitialState {
  const parse = <T>(name: SnapshotFile, parser: (text: string, place: ProcPlace) => T): T | undefined => {
    const report = reports.find((one) => one.name === name);
    return report && parser(report.text, report.place);
  };
  const zones = parse('zoneinfo', parseZoneinfo);
  const free = parse('buddyinfo', parseBuddyinfo);
  if (zones === undefined || free === undefined) throw missing(reports, source);
  const types = parse('pagetypeinfo', parsePagetypeinfo);
  const caches = parse('slabinfo', parseSlabinfo);
  const areas = parse('vmallocinfo', parseVmallocinfo)?.flatMap(initialArea) ?? [];
  return {
    zones: zones.flatMap((zone) => initialZone(zone, free, types)),
    ...(types && { pageblockOrder: types.pageblockOrder }),
    ...(caches && { slabCaches: caches.filter(({ objects }) => objects > 0).map(initialCache) }),
    ...(areas.length > 0 && { vmallocAreas: fitting(areas) }),
  };
}

/** The areas as a machine takes them. */
export function initialAreas({ vmallocAreas = [] }: InitialState): KernelArea[] {
  return kernelAreas(vmallocAreas);
}

/** None for a zone without pages. */
function initialZone(
  zone: ZoneinfoZone,
  free: readonly BuddyinfoZone[],
  types: Pagetypeinfo | undefined,
): InitialZone[] {
  const isSame = (one: { node: number; zone: string }) => one.node === zone.node && one.zone === zone.zone;
  const { node, zone: name, startPfn, spanned, present, managed, min, low, high } = zone;
  const freeBlocks = free.find(isSame)?.freeBlocks;
  if (freeBlocks === undefined || startPfn === undefined) return [];
  const byType = types && {
    freeByType: Object.fromEntries(types.free.filter(isSame).map((row) => [row.migrateType, row.freeBlocks])),
    pageblocks: types.blocks.find(isSame)?.blocks ?? {},
  };
  const pagesets = zone.pagesets.map(({ cpu, count, high, batch }) => ({ cpu, count, high, batch }));
  return [
    {
      node,
      zone: name,
      startPfn,
      spanned,
      present,
      managed,
      min,
      low,
      high,
      freeBlocks,
      ...byType,
      pagesets,
    },
  ];
}

function initialCache(cache: SlabinfoCache): InitialCache {
  const { name, objectBytes, objectsPerSlab, pagesPerSlab, slabs, activeObjects } = cache;
  return { name, objectBytes, objectsPerSlab, pagesPerSlab, slabs, activeObjects };
}

function missing(reports: readonly ProcSection[], source: string): UsageError {
  const found = reports.map(({ name }) => name).join(', ') || 'no report of a kernel';
  return new UsageError(
    `${source}: found ${found}, expected a snapshot: zoneinfo and buddyinfo, also pagetypeinfo and slabinfo. ` +
      'Copy them from /proc when the recording begins',
  );
}

/**
 * What a machine needs to begin as fragmented as that kernel was; without pagetypeinfo all of it counts as movable. Zones
 * of several nodes are one here, which has no marks of theirs then.
 */
export function initialMemory({ zones }: InitialState): InitialZoneMemory[] {
  return [...new Set(zones.map(({ zone }) => zone))].map((zone) => {
    const none = (): number[] => new Array<number>(MOST_ORDERS).fill(0);
    const freeBlocks: number[][] = MIGRATE_NAMES.map(none);
    const parts = zones.filter((other) => other.zone === zone);
    for (const one of parts) {
      const byType = one.freeByType ?? { Movable: one.freeBlocks };
      for (const [name, counts] of Object.entries(byType)) {
        const type = migrateTypeNamed(name);
        while (freeBlocks.length <= type) freeBlocks.push(none());
        const row = freeBlocks[type]!;
        counts.slice(0, MOST_ORDERS).forEach((count, order) => {
          row[order]! += count;
        });
      }
    }
    const [only] = parts;
    return { zone, freeBlocks, ...(parts.length === 1 && only && { marks: marksOf(only) }) };
  });
}

function marksOf({ startPfn, spanned, managed, min, low, high }: InitialZone): ZoneMarks {
  return { startPfn, spanned, managed, min, low, high };
}

/**
 * RAM as the zones lie. Where a zone has holes nobody says: on PCs that of the lowest ends at 1 MiB, one that reaches
 * over 4 GiB has it below, where devices are; else it is at the end, and the last page tells where the zone ends.
 */
export function initialRam({ zones }: InitialState, pageBytes = 4096n): PhysicalRange[] {
  const ascending = zones.toSorted((a, b) => a.startPfn - b.startPfn);
  return ascending.flatMap((zone, i) =>
    ramOfZone(zone, ascending[i + 1]?.startPfn).map(([start, end]) => ({
      name: 'System RAM',
      start: BigInt(start) * pageBytes,
      end: BigInt(end) * pageBytes,
    })),
  );
}

/** 1 MiB and 4 GiB: below them a PC has its firmware's window, and that of its devices. */
const HOLE_ENDS = [0x100, 0x100000];

function ramOfZone(
  { startPfn, spanned, present }: InitialZone,
  next: number | undefined,
): [number, number][] {
  const hole = spanned - present;
  const end = startPfn + spanned;
  if (hole <= 0) return [[startPfn, end]];
  const usual = HOLE_ENDS.find((at) => at - hole > startPfn && at < end);
  const holeEnd = usual ?? (next === end ? end : end - 1);
  const parts: [number, number][] = [
    [startPfn, holeEnd - hole],
    [holeEnd, end],
  ];
  return parts.filter(([from, to]) => from < to);
}

/** The state that a trace notes of the kernel it was recorded on. */
export function initialStateOf({ parameters }: TraceHeader): InitialState | undefined {
  const { initialState } = parameters;
  if (initialState === undefined) return undefined;
  if (isInitialState(initialState)) return initialState;
  throw new UsageError('found an initialState of another form in the header of the trace, expected zones');
}

function isInitialState(value: unknown): value is InitialState {
  return (
    isMap(value) &&
    Array.isArray(value.zones) &&
    value.zones.every(isInitialZone) &&
    (value.vmallocAreas === undefined ||
      (Array.isArray(value.vmallocAreas) &&
        value.vmallocAreas.every((area) => isMap(area) && isInitialArea(area))))
  );
}

const ZONE_NUMBERS = ['node', 'startPfn', 'spanned', 'present', 'managed', 'min', 'low', 'high'];

function isInitialZone(value: unknown): value is InitialZone {
  return (
    isMap(value) &&
    typeof value.zone === 'string' &&
    ZONE_NUMBERS.every((name) => Number.isSafeInteger(value[name])) &&
    areNumbers(value.freeBlocks) &&
    (value.freeByType === undefined ||
      (isMap(value.freeByType) && Object.values(value.freeByType).every(areNumbers))) &&
    Array.isArray(value.pagesets) &&
    value.pagesets.every((set) => isMap(set) && areNumbers([set.cpu, set.count, set.high, set.batch]))
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function areNumbers(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
