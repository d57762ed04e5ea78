/**
 * Why a zone refused: __zone_watermark_ok() of mm/page_alloc.c over the figures of a report, 2.6.0 to 7.0.
 *
 * Until 4.3 each order had a mark of its own, half of that of the order below; since 4.4 a block of a type that serves the
 * request suffices. Free blocks without a line of their own are taken as large enough.
 */
import * as gfp from '../../../core/event/gfp.ts';
import { isSince, parseVersion } from '../../../core/kernel/version.ts';
import type { FreeBlocks, ReportedZone } from '../../../traces/index.ts';
import type { OrderMark } from './kinds.ts';

/** `min`: below the mark; `reserve`: below mark and lowmem reserve; the others would have been enough but for that. */
export type Refusal = 'min' | 'reserve' | 'cma' | 'high-atomic' | 'fragmentation';

/** Sizes in KiB. */
export interface ZoneAnswer {
  readonly zone: ReportedZone;
  /** Undefined: it would have served. */
  readonly refusedBy: Refusal | undefined;
  /** Free and of a type that may serve the request. */
  readonly usableKb: number;
  /** Must be left: the mark as it holds for the request, and the reserve against it. */
  readonly markKb: number;
  readonly reserveKb: number;
  /** Of the largest block that may serve; undefined: not told. */
  readonly largestKb: number | undefined;
  /** The mark for blocks, until 4.3, if that refused. */
  readonly orderMark?: OrderMark | undefined;
}

export interface Asked {
  readonly order: number;
  readonly mask: number;
  /** Rank of the zone asked for. */
  readonly rank: number;
  readonly pageKb: number;
  readonly kernel: string | undefined;
  /** The OOM killer looks once more, at this mark, before it kills. */
  readonly mark: 'min' | 'high';
}

export function answerOf(zone: ReportedZone, asked: Asked): ZoneAnswer {
  const { order, mask, rank, pageKb, mark } = asked;
  const markKb = mark === 'high' ? zone.high : lowered(zone.min, mask);
  const reserveKb = (zone.reserve[rank] ?? 0) * pageKb;
  const cmaKb = mask & gfp.__GFP_MOVABLE ? 0 : zone.freeCma;
  const atomicKb = isAtomic(mask) ? 0 : zone.highAtomic;
  const largestKb = largestOf(zone.blocks, mask, pageKb);
  const kept = markKb + reserveKb;
  const free = zone.free - (2 ** order - 1) * pageKb;
  const usableKb = zone.free - cmaKb - atomicKb;
  const figures = { zone, usableKb, markKb, reserveKb, largestKb };
  if (free - cmaKb - atomicKb <= kept) {
    if (free <= kept) return { ...figures, refusedBy: free > markKb ? 'reserve' : 'min' };
    return { ...figures, refusedBy: free - atomicKb > kept ? 'cma' : 'high-atomic' };
  }
  return order === 0
    ? { ...figures, refusedBy: undefined }
    : { ...figures, ...refusalByOrder(zone, asked, free - cmaKb, markKb) };
}

/** Who cannot wait may go further down: a half, and a quarter of that. */
function lowered(min: number, mask: number): number {
  if ((mask & gfp.__GFP_HIGH) === 0) return min;
  return isAtomic(mask) ? (min / 2) * (3 / 4) : min / 2;
}

function isAtomic(mask: number): boolean {
  return (mask & gfp.__GFP_HIGH) !== 0 && (mask & gfp.__GFP_DIRECT_RECLAIM) === 0;
}

function refusalByOrder(
  { blocks }: ReportedZone,
  { order, mask, pageKb, kernel }: Asked,
  free: number,
  markKb: number,
): Pick<ZoneAnswer, 'refusedBy' | 'orderMark'> {
  if (blocks === undefined) return { refusedBy: undefined };
  const large = blocks.filter((block) => block.order >= order && block.count > 0);
  if (!large.some((block) => serves(block, mask))) return { refusedBy: refusalOfTypes(large) };
  const orderMark = hasMarkForOrders(kernel) ? failedMark(blocks, order, free, markKb, pageKb) : undefined;
  return { refusedBy: orderMark && 'fragmentation', orderMark };
}

/** Large blocks are there, but none that may be given. */
function refusalOfTypes(large: readonly FreeBlocks[]): Refusal {
  if (large.some(({ types }) => types.includes('C'))) return 'cma';
  return large.some(({ types }) => types.includes('H')) ? 'high-atomic' : 'fragmentation';
}

/** CMA only for what can be moved, the reserve of MIGRATE_HIGHATOMIC only for who cannot wait, isolated blocks for nobody. */
function serves({ types }: FreeBlocks, mask: number): boolean {
  if (types === '') return true;
  return [...types].some((type) => {
    if (type === 'C') return (mask & gfp.__GFP_MOVABLE) !== 0;
    if (type === 'H') return isAtomic(mask);
    return type !== 'I';
  });
}

function hasMarkForOrders(kernel: string | undefined): boolean {
  const version = kernel === undefined ? undefined : parseVersion(kernel);
  return version !== undefined && !isSince(version, { major: 4, minor: 4, patch: 0 });
}

/** Undefined: enough is left in blocks of each size. */
function failedMark(
  blocks: readonly FreeBlocks[],
  order: number,
  free: number,
  markKb: number,
  pageKb: number,
): OrderMark | undefined {
  let rest = free;
  let mark = markKb;
  for (let below = 0; below < order; below++) {
    const count = blocks.find((block) => block.order === below)?.count ?? 0;
    rest -= count * 2 ** below * pageKb;
    mark /= 2;
    if (rest <= mark) return { order: below, freeKb: rest, markKb: mark };
  }
  return undefined;
}

function largestOf(
  blocks: readonly FreeBlocks[] | undefined,
  mask: number,
  pageKb: number,
): number | undefined {
  if (blocks === undefined) return undefined;
  const orders = blocks.filter((block) => block.count > 0 && serves(block, mask)).map(({ order }) => order);
  return orders.length === 0 ? 0 : 2 ** Math.max(...orders) * pageKb;
}
