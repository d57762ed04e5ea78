/** Kernel traces written by hand: one call a line. */
import { Readable } from 'node:stream';
import {
  type KernelVerification,
  type Moment,
  type VerifyOptions,
  verifyKernelTrace,
} from '../../../replay/index.ts';
import type { Pageset, Pagetypeinfo, ZoneinfoZone } from '../../../traces/index.ts';

interface Block {
  readonly order?: number;
  readonly type?: number;
  readonly cpu?: number;
}

let at = 0;

/** Nothing happens for so long. */
export function pause(seconds: number): string {
  at += seconds * 1e6;
  return '';
}

function line(cpu: number, event: string): string {
  at++;
  const stamp = `${Math.floor(at / 1e6)}.${String(at % 1e6).padStart(6, '0')}`;
  return `            task-1       [${String(cpu).padStart(3, '0')}] ..... ${stamp.padStart(12)}: ${event}\n`;
}

const page = (pfn: number, order: number): string =>
  `page=0000000000000001 pfn=0x${pfn.toString(16)} order=${order}`;

export function alloc(pfn: number, { order = 0, type = 1, cpu = 0 }: Block = {}): string {
  return line(cpu, `mm_page_alloc: ${page(pfn, order)} migratetype=${type} gfp_flags=GFP_KERNEL`);
}

export function free(pfn: number, { order = 0, cpu = 0 }: Block = {}): string {
  return line(cpu, `mm_page_free: ${page(pfn, order)}`);
}

/** By a softirq that has interrupted the task. */
export function softirqFree(pfn: number): string {
  return free(pfn).replace(' ..... ', ' ..s2. ');
}

/** The second report of a page that was freed with others. */
export function batched(pfn: number, { cpu = 0 }: Block = {}): string {
  return line(cpu, `mm_page_free_batched: ${page(pfn, 0)}`);
}

/** The buddy allocator gives a block. */
export function given(pfn: number, { order = 0, type = 1, cpu = 0 }: Block = {}): string {
  const refill = order <= 3 || order === 9 ? 1 : 0;
  return line(
    cpu,
    `mm_page_alloc_zone_locked: ${page(pfn, order)} migratetype=${type} percpu_refill=${refill}`,
  );
}

export function drain(pfn: number, { order = 0, type = 1, cpu = 0 }: Block = {}): string {
  return line(cpu, `mm_page_pcpu_drain: ${page(pfn, order)} migratetype=${type}`);
}

interface Theft extends Block {
  /** Type that the block was of. */
  readonly from?: number;
  /** Whether its pageblocks become the thief's: by default. */
  readonly owns?: boolean;
}

/** A block of 2^fallbackOrder pages of another type is broken for `order`, and becomes `type`. */
export function stolen(
  pfn: number,
  order: number,
  fallbackOrder: number,
  { type = 0, cpu = 0, from = 1, owns = true }: Theft = {},
): string {
  const fallback = `alloc_order=${order} fallback_order=${fallbackOrder} pageblock_order=9`;
  const types = `alloc_migratetype=${type} fallback_migratetype=${from} fragmenting=0 change_ownership=${owns ? 1 : 0}`;
  return line(
    cpu,
    `mm_page_alloc_extfrag: page=0000000000000001 pfn=0x${pfn.toString(16)} ${fallback} ${types}`,
  );
}

/** An area of the vmalloc window, in decimal as the kernel prints it. */
export function vmapArea(size: number, align: number, { cpu = 0 }: Block = {}): string {
  const window = 'vstart=0xffffc90000000000 vend=0xffffe8ffffffffff';
  return line(
    cpu,
    `alloc_vmap_area: va_start: 18446683600669622272 size=${size} align=${align} ${window} failed=0`,
  );
}

export function mark(text: string): string {
  return line(0, `tracing_mark_write: ${text}`);
}

export function lost(cpu: number): string {
  return `CPU:${cpu} [LOST 7 EVENTS]\n`;
}

/** `count` pages from `first` on, one call each. */
export function each(first: number, count: number, call: (pfn: number) => string): string {
  return Array.from({ length: count }, (_, i) => call(first + i)).join('');
}

export function verify(
  text: string,
  moments: readonly Moment[] = [],
  options: VerifyOptions = {},
): Promise<KernelVerification> {
  const blocks = Readable.from([Buffer.from(`# tracer: nop\n${text}`)]);
  return verifyKernelTrace({ name: 'trace', blocks }, moments, options);
}

/** `right/made` by rule, and a reason with its count for what could not be predicted. */
export function scores({ rules }: KernelVerification): Record<string, string> {
  return Object.fromEntries(
    Object.entries(rules).map(([rule, { made, right, unpredictable }]) => {
      const reasons = Object.entries(unpredictable).map(([reason, count]) => `, ${count} ${reason}`);
      return [rule, `${right}/${made}${reasons.join('')}`];
    }),
  );
}

export const BATCH = 63;
const BOUNDS = { highMin: 1000, highMax: 70_000 };

export interface Figures {
  readonly free: number;
  readonly count?: number;
  readonly high?: number;
  readonly managed?: number;
  /** A kernel before 6.7, which does not adapt its lists. */
  readonly fixed?: boolean;
  /** Somebody has fixed the high mark (percpu_pagelist_high_fraction). */
  readonly pinned?: boolean;
  readonly node?: number;
  /** Free blocks by order, of type 0, 1 and 2. */
  readonly types?: readonly (readonly number[])[];
}

/** A machine with one zone and one cpu. */
export function moment(
  label: string,
  {
    free: pages,
    count = 500,
    high = 2000,
    managed = 1 << 20,
    fixed = false,
    pinned = false,
    node = 0,
    types,
  }: Figures,
): Moment {
  const pageset: Pageset = {
    cpu: 0,
    count,
    high,
    batch: BATCH,
    ...(fixed ? {} : pinned ? { highMin: high, highMax: high } : BOUNDS),
  };
  const sizes = { min: 10, low: 20, high: 30, spanned: 1 << 20, present: 1 << 20, managed };
  const zone: ZoneinfoZone = {
    node,
    zone: 'Normal',
    free: pages,
    ...sizes,
    pages: { free: pages, ...sizes },
    protection: [0],
    statistics: {},
    pagesets: [pageset],
    nodeUnreclaimable: 0,
    startPfn: 0x10_0000,
  };
  const buddyinfo = [{ node: 0, zone: 'Normal', freeBlocks: [pages] }];
  return { label, buddyinfo, zoneinfo: [zone], ...(types && { pagetypeinfo: pagetypes(types) }) };
}

/** The marks of a moment, and what happens while it is read. */
export const read = (label: string, between = ''): string =>
  mark(`snap-begin ${label}`) + between + mark(`snap-end ${label}`);

const ORDERS = 11;

function pagetypes(types: readonly (readonly number[])[]): Pagetypeinfo {
  const free = ['Unmovable', 'Movable', 'Reclaimable'].map((migrateType, type) => ({
    node: 0,
    zone: 'Normal',
    migrateType,
    freeBlocks: Array.from({ length: ORDERS }, (_, order) => types[type]?.[order] ?? 0),
    uncounted: [],
  }));
  return { pageblockOrder: 9, pagesPerBlock: 512, free, blocks: [], mixedBlocks: [] };
}
