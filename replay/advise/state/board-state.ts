/**
 * The state in which a request failed, and the request, as events: what the recorded machine had in use, from its failure
 * report and from /proc, for every layout to be asked with.
 */
import type { Batch } from '../../../core/event/batch.ts';
import { EVENT_KINDS } from '../../../core/event/kinds.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { GFP_ZONE_MASK, markFor, type Zone } from '../../../core/phys/zones.ts';
import type { AreaRequest, FailureReport, ReportedZone } from '../../../traces/index.ts';
import { reportedGfp } from '../../../traces/index.ts';
import type { Pause } from '../../source/breath.ts';
import { formatBytes } from '../../text/units.ts';
import type { Evidence } from '../board/evidence.ts';
import type { Verdict } from '../verdict/kinds.ts';
import type { ReportVerdict } from '../verdict/main-verdict.ts';
import { pageAnswers } from '../verdict/page-verdict.ts';
import type { ZoneAnswer } from '../verdict/watermark.ts';
import { batchOfSteps, Filling, type Step } from './filling.ts';
import { type FullPool, fillBounceBuffers, fillKmap } from './full-pools.ts';
import { fillZones, type ZoneGoal } from './memory-state.ts';
import { fillWindow, partsOfAreas, partsOfSums, type WindowPart } from './window-state.ts';

export const EVENTS_OF_REQUEST = 3;

export interface BoardState {
  /** What leads to the state, and the recorded machine in it. */
  readonly filling: readonly Batch[];
  readonly machine: Machine;
  /** What then failed there, EVENTS_OF_REQUEST events each: the request, and, if it gives memory, the note that it failed, and what gives it back. */
  readonly requests: Batch;
  /** How much was in use is part of it. */
  readonly memoryIsKnown: boolean;
  /** What it was made from, in sentences. */
  readonly told: readonly string[];
}

/** Undefined: the failure is of a kind that is not replayed, or the state is not told. */
export async function boardState(
  machine: Machine,
  evidence: Evidence,
  main: ReportVerdict,
  reports: readonly FailureReport[],
  pause: Pause,
): Promise<BoardState | undefined> {
  const { kind, requestBytes = 0 } = main.verdict;
  if (kind === 'kmap-slots') return poolState(new Filling(machine, pause), fillKmap);
  if (kind === 'swiotlb-full')
    return poolState(new Filling(machine, pause), (filling) => fillBounceBuffers(filling, requestBytes));
  const steps = requestSteps(main, reports);
  if (steps.length === 0) return undefined;
  const filling = new Filling(machine, pause);
  const told: string[] = [];
  const window = windowParts(machine, evidence, main.verdict);
  if (window !== undefined) {
    await fillWindow(filling, window.parts);
    told.push(window.told);
  }
  const zones = zoneGoals(machine, evidence, main);
  await fillZones(filling, zones?.goals ?? []);
  if (zones !== undefined) told.push(zones.told);
  if (told.length === 0) return undefined;
  const first = filling.newObject();
  const requests = batchOfSteps(steps.flatMap((step, i) => step(first + i)));
  return {
    filling: filling.events,
    machine: filling.machine,
    requests,
    memoryIsKnown: zones !== undefined,
    told,
  };
}

async function poolState(
  filling: Filling,
  fill: (filling: Filling) => Promise<FullPool | undefined>,
): Promise<BoardState | undefined> {
  const full = await fill(filling);
  if (full === undefined) return undefined;
  const requests = batchOfSteps([full.request]);
  return {
    filling: filling.events,
    machine: filling.machine,
    requests,
    memoryIsKnown: false,
    told: [full.told],
  };
}

/** With the note that it failed where it was recorded, and what gives back what comes of it elsewhere. */
function refusedRequest(
  request: Extract<Step, { kind: 'page_alloc' | 'vmalloc' | 'vm_area' }>,
  free: 'page_free' | 'vfree' | 'free_vm_area',
): Step[] {
  const { kind, object } = request;
  return [
    request,
    { kind: 'refused', object, request: EVENT_KINDS[kind].code, length: 0 },
    { kind: free, object },
  ];
}

type RequestSteps = (object: number) => Step[];

const PAGE = 4096;
/** Of these the state in which they failed does not show. */
const UNKNOWN: ReadonlySet<Verdict['kind']> = new Set(['unexplained', 'transient', 'larger-than-ram']);
/** A log may repeat a request thousands of times. */
const MOST_REQUESTS = 16;

function requestSteps({ report, verdict }: ReportVerdict, reports: readonly FailureReport[]): RequestSteps[] {
  const { request } = report;
  if (request?.kind === 'pages' && request.cgroup === undefined && !UNKNOWN.has(verdict.kind)) {
    const gfp = reportedGfp(request.gfp ?? '0x0(GFP_KERNEL)');
    return [
      (object) => refusedRequest({ kind: 'page_alloc', object, order: request.order, gfp }, 'page_free'),
    ];
  }
  if (request?.kind === 'area' && request.lacks === 'pages' && !UNKNOWN.has(verdict.kind))
    return areaSteps(request);
  if (verdict.kind !== 'vmalloc-space') return [];
  const areas = reports.flatMap(({ request: one }) =>
    one?.kind === 'area' && one.lacks === 'space' ? [one] : [],
  );
  const distinct = new Map(areas.map((area) => [`${area.bytes} ${area.areaBytes}`, area]));
  return [...distinct.values()].slice(0, MOST_REQUESTS).flatMap(areaSteps);
}

function areaSteps({ bytes, areaBytes }: AreaRequest): RequestSteps[] {
  if (bytes !== undefined)
    return [(object) => refusedRequest({ kind: 'vmalloc', object, size: bytes }, 'vfree')];
  if (areaBytes === undefined) return [];
  const size = Math.max(PAGE, areaBytes - PAGE);
  return [(object) => refusedRequest({ kind: 'vm_area', object, size, align: PAGE }, 'free_vm_area')];
}

function windowParts(
  machine: Machine,
  { vmallocinfo, meminfo }: Evidence,
  verdict: Verdict,
): { parts: readonly WindowPart[]; told: string } | undefined {
  const { vmalloc, arch } = machine.platform.layout;
  if (arch.wordBits === 64) return undefined;
  const bytes = Number(vmalloc.end - vmalloc.start);
  const areas = vmallocinfo && partsOfAreas(vmallocinfo.value, vmalloc);
  if (areas !== undefined)
    return { parts: areas, told: `the vmalloc window is taken as in ${vmallocinfo!.file}` };
  if (verdict.kind !== 'vmalloc-space' || verdict.requestBytes === undefined) return undefined;
  const tooSmall = Math.floor((verdict.requestBytes - 1) / PAGE) * PAGE;
  const used = vmallocinfo?.value.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (used !== undefined)
    return {
      parts: partsOfSums(bytes, used, tooSmall),
      told: `${vmallocinfo!.file} hides addresses: of the vmalloc window ${formatBytes(used)} are taken, the rest lies in holes just too small`,
    };
  const old = meminfo?.value;
  if (old?.VmallocUsed !== undefined && (old.VmallocChunk ?? 0) > 0)
    return {
      parts: partsOfSums(bytes, old.VmallocUsed * 1024, Math.min(tooSmall, old.VmallocChunk! * 1024)),
      told: `${formatBytes(old.VmallocUsed * 1024)} of the vmalloc window are taken as in ${meminfo!.file}`,
    };
  return {
    parts: partsOfSums(bytes, bytes - Math.min(bytes, tooSmall), tooSmall),
    told: 'the vmalloc window is taken as full but for one hole just too small: /proc/vmallocinfo would tell more',
  };
}

function zoneGoals(
  machine: Machine,
  { zoneinfo, buddyinfo }: Evidence,
  main: ReportVerdict,
): { goals: readonly ZoneGoal[]; told: string } | undefined {
  const { report } = main;
  if (report.zones.length > 0)
    return {
      goals: goalsOf(machine, main),
      told: `memory is as full, and as much in pieces, as the report at line ${report.line} says`,
    };
  if (zoneinfo === undefined) return undefined;
  const zones = zoneinfo.value.filter(({ present }) => present > 0);
  const goals = zones.flatMap(({ zone, node, free }): ZoneGoal[] => {
    const blocks = buddyinfo?.value.find((one) => one.zone === zone && one.node === node)?.freeBlocks;
    const name = machine.platform.zones.find((one) => one.name === zone)?.name;
    return name === undefined ? [] : [{ zone: name, freePages: free, ...(blocks && { blocks }) }];
  });
  return { goals, told: `memory is as full as in ${zoneinfo.file}` };
}

/** Zones of the report by those of the layout, lowest first; what the layout has no zone for counts as low memory. */
function goalsOf(machine: Machine, { report, verdict }: ReportVerdict): ZoneGoal[] {
  const { zones, pageKb, request } = report;
  const answers = request?.kind === 'pages' ? pageAnswers(report, request).zones : [];
  const gfp = reportedGfp(verdict.gfp ?? '0x0(GFP_KERNEL)');
  return machine.platform.zones.flatMap((own): ZoneGoal[] => {
    const told = zones.filter((zone) => standsFor(zone, machine) === own.index);
    if (told.length === 0) return [];
    const free = told.reduce((sum, zone) => sum + freeKb(zone), 0) / pageKb;
    const below = answers
      .filter(({ zone }) => told.includes(zone))
      .map((answer) => belowMark(answer, pageKb));
    const isRefused = below.length > 0 && below.every((pages) => pages >= 0);
    const kept = isRefused ? markHere(machine, own, gfp) - Math.min(...below) : free;
    const userPages = own.name === 'HighMem' ? 0 : userPagesOf(told, pageKb, verdict);
    const freePages = Math.max(0, Math.round(kept));
    // Of high memory that nobody asked for only the amount matters: who fills it up makes no pieces.
    const isAmount = own.name === 'HighMem' && below.length === 0;
    return [
      { zone: own.name, freePages, userPages, ...(!isAmount && { blocks: blocksAtFailure(told, verdict) }) },
    ];
  });
}

const OF_USERS = ['active_anon', 'inactive_anon', 'active_file', 'inactive_file', 'active', 'inactive'];

/** Where high memory is free, what lies in low memory has to lie there. */
function userPagesOf(zones: readonly ReportedZone[], pageKb: number, { highFree }: Verdict): number {
  if (highFree !== false) return 0;
  const kib = zones.flatMap(({ sizes }) => OF_USERS.map((name) => sizes[name] ?? 0));
  return Math.floor(kib.reduce((sum, one) => sum + one, 0) / pageKb);
}

function standsFor({ zone }: ReportedZone, { platform: { zones } }: Machine): number | undefined {
  const own = zones.find(({ name }) => name === zone);
  return own?.index ?? zones.findLast(({ name }) => name !== 'HighMem')?.index;
}

/** CMA's and the reserve of those that cannot wait are as good as in use for all others. */
function freeKb({ free, freeCma, highAtomic }: ReportedZone): number {
  return Math.max(0, free - freeCma - highAtomic);
}

/**
 * Pages that a zone had less than its mark asks for. A zone that refused by its mark is filled to the same distance from
 * the mark as it is here: sysctls may have moved it there.
 */
function belowMark({ refusedBy, usableKb, markKb, reserveKb }: ZoneAnswer, pageKb: number): number {
  const below = Math.max(0, (markKb + reserveKb - usableKb) / pageKb);
  // One that would serve now was no better off when it was asked.
  return refusedBy === 'fragmentation' ? -1 : below;
}

function markHere({ platform }: Machine, zone: Zone, gfp: number): number {
  const asked = platform.highestZones[gfp & GFP_ZONE_MASK]!;
  return markFor(zone, gfp, 'min', 0) + zone.lowmemReserve[asked]!;
}

/** What came free since is left out. */
function blocksAtFailure(zones: readonly ReportedZone[], { refusedBy, order = 0 }: Verdict): number[] {
  const blocks = blocksOf(zones);
  return refusedBy === 'fragmentation' ? blocks.slice(0, order) : blocks;
}

function blocksOf(zones: readonly ReportedZone[]): number[] {
  const counts: number[] = [];
  for (const { order, count, types } of zones.flatMap(({ blocks = [] }) => blocks)) {
    // A count is of all types together; where CMA's are among them most are its own.
    const isOthers = /[CHI]/.test(types);
    if (Number.isInteger(order) && order >= 0) counts[order] = (counts[order] ?? 0) + (isOthers ? 0 : count);
  }
  return Array.from(counts, (count) => count ?? 0);
}
