/** Why page frames were refused: each zone that might have served is asked as the kernel asks it. */
import type { FailureReport, PageRequest } from '../../../traces/index.ts';
import { reportedGfp } from '../../../traces/index.ts';
import type { Verdict, VerdictKind } from './kinds.ts';
import { type Asked, answerOf, type ZoneAnswer } from './watermark.ts';
import { type ReportedZoneName, wordBitsOf, zoneAskedFor, zonesOfKernel } from './zone-ranks.ts';

/** More high memory than this is free only if nobody who may use it is short. */
const HIGH_FREE_KB = 16 * 1024;

/** Every zone that the request may use, and what it said. */
export interface PageAnswers {
  readonly asked: ReportedZoneName;
  readonly mark: 'min' | 'high';
  readonly zones: readonly ZoneAnswer[];
}

export function pageVerdict(report: FailureReport, request: PageRequest): Omit<Verdict, 'line'> {
  const { order, gfp, cgroup, cache, task = cache && `the cache ${cache}` } = request;
  const requestBytes = 2 ** order * report.pageKb * 1024;
  const asked = { task, order, gfp, requestBytes };
  if (cgroup !== undefined) return { kind: 'cgroup-limit', ...asked, ...cgroup };
  const answers = pageAnswers(report, request);
  const decisive = atThatMoment(decisiveOf(answers), order);
  if (decisive === undefined) return { kind: 'unexplained', ...asked };
  const kind = kindOf(report, answers, decisive);
  const figures = figuresOf(decisive, answers.mark);
  return { kind, ...asked, ...figures, minFreeKb: minFreeKb(report), ...highFigures(report) };
}

export function pageAnswers(report: FailureReport, { event, order, gfp }: PageRequest): PageAnswers {
  const { zones, pageKb, kernel } = report;
  const names = zonesOfKernel(report);
  const mask = reportedGfp(gfp ?? '0x0(GFP_KERNEL)');
  const asked = zoneAskedFor(names, mask);
  const rank = names.indexOf(asked);
  const may = zones.filter(({ zone }) => names.indexOf(zone as ReportedZoneName) <= rank);
  const ask = (mark: Asked['mark']): PageAnswers => ({
    asked,
    mark,
    zones: may.map((zone) => answerOf(zone, { order, mask, rank, pageKb, kernel, mark })),
  });
  const answers = ask('min');
  const isServed = decisiveOf(answers)?.refusedBy === undefined;
  return event === 'oom' && order === 0 && isServed ? ask('high') : answers;
}

/**
 * Of the highest zone that may serve, the node that came nearest. A lower zone that would serve by the figures had no more
 * to give when it was asked: they are printed later.
 */
export function decisiveOf({ zones }: PageAnswers): ZoneAnswer | undefined {
  const highest = zones.at(-1)?.zone.zone;
  const spare = ({ usableKb, markKb, reserveKb }: ZoneAnswer): number => usableKb - markKb - reserveKb;
  const own = zones.filter(({ zone }) => zone.zone === highest).toSorted((a, b) => spare(b) - spare(a));
  return own.find(({ refusedBy }) => refusedBy === undefined) ?? own[0];
}

/** With pages enough only blocks can have been lacking, even if one has come free since. */
function atThatMoment(decisive: ZoneAnswer | undefined, order: number): ZoneAnswer | undefined {
  const isFreeAgain = decisive !== undefined && decisive.refusedBy === undefined && order > 0;
  return isFreeAgain ? { ...decisive, refusedBy: 'fragmentation' } : decisive;
}

function kindOf(report: FailureReport, { asked }: PageAnswers, { zone, refusedBy }: ZoneAnswer): VerdictKind {
  const isLow = wordBitsOf(report) === 32 && zone.zone !== 'HighMem' && zone.zone !== 'Movable';
  switch (refusedBy) {
    case undefined:
      return 'transient';
    case 'cma':
      return 'cma-only';
    case 'high-atomic':
      return 'atomic-reserve';
    case 'fragmentation':
      return isLow ? 'lowmem-fragmented' : 'fragmented';
    default:
      if (asked.startsWith('DMA') && hasFreeAbove(report, asked)) return 'dma-zone-exhausted';
      return isLow && asked !== 'HighMem' && highFreeKb(report) > HIGH_FREE_KB
        ? 'lowmem-exhausted'
        : 'out-of-memory';
  }
}

function hasFreeAbove({ zones }: FailureReport, asked: string): boolean {
  return zones.some(({ zone, free, high }) => !zone.startsWith('DMA') && zone !== asked && free > high);
}

/** Of high memory; of reports that leave it out, what of all that is free is not elsewhere. */
function highFreeKb({ zones, totals, pageKb, highPages }: FailureReport): number {
  const high = zones.filter(({ zone }) => zone === 'HighMem');
  if (high.length > 0) return high.reduce((sum, { free }) => sum + free, 0);
  if (totals.free === undefined || highPages === 0) return 0;
  return Math.max(0, totals.free * pageKb - zones.reduce((sum, { free }) => sum + free, 0));
}

/** vm.min_free_kbytes: the marks of all zones but high memory add up to it (__setup_per_zone_wmarks(), 2.6.0 to 7.0). */
function minFreeKb({ zones }: FailureReport): number {
  const low = zones.filter(({ zone }) => zone !== 'HighMem' && zone !== 'Movable');
  return low.reduce((sum, { min, boost }) => sum + min - boost, 0);
}

function highFigures(report: FailureReport): Pick<Verdict, 'highFree' | 'highFreeKb'> {
  if (wordBitsOf(report) === 64) return {};
  const free = highFreeKb(report);
  return { highFree: free > HIGH_FREE_KB, highFreeKb: free };
}

function figuresOf({ zone, refusedBy, ...figures }: ZoneAnswer, mark: Verdict['mark']) {
  const { usableKb, markKb, reserveKb, largestKb, orderMark } = figures;
  return {
    zone: zone.zone,
    node: zone.node,
    freeKb: zone.free,
    freeCmaKb: zone.freeCma,
    minKb: zone.min,
    usableKb,
    markKb,
    mark,
    reserveKb,
    largestKb,
    orderMark,
    refusedBy,
  };
}
