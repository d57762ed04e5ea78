/**
 * From where to where RAM reaches, as lines about nodes and zones tell it, and how much of each stretch is RAM.
 *
 * Sources: mm/page_alloc.c and mm/mm_init.c (free_area_init: `Zone ranges:`, up to 3.4 `Zone PFN ranges:` in frames;
 * free_area_init_node: `Initmem setup node`; zone_pcp_init: `DMA zone: 242432 pages, LIFO batch`), drivers/base/arch_numa.c and
 * arch/arm64/mm/numa.c (`Faking a node at`).
 */
import { MIB } from '../../base/units.ts';
import type { LogLine } from './log-text.ts';
import type { BankLine } from './memory-banks.ts';

/** A stretch of physical memory that RAM lies in. */
export interface Span extends BankLine {
  /** RAM in it; undefined: all of it, as far as is known. */
  readonly presentBytes?: bigint;
  /** Its last byte is RAM; of others the end may be where the next zone begins. */
  readonly endsInRam: boolean;
}

const ZONE = String.raw`\b(DMA32|DMA|Normal|HighMem)`;
const BYTES = String.raw`\[mem 0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16})\]`;
const ZONE_BYTES = new RegExp(`${ZONE} +${BYTES}`, 'i');
const ZONE_FRAMES = new RegExp(`${ZONE} +0x([0-9a-f]{1,10}) -> 0x([0-9a-f]{1,10})`, 'i');
const ZONE_PAGES = new RegExp(`${ZONE} zone: (\\d{1,12}) pages(, LIFO| used for memmap)`, 'i');
const NODE_SPAN = new RegExp(`(?:Initmem setup node \\d{1,4}|Faking a node at) ${BYTES}`, 'i');

/** Ascending; empty where no line tells. `total`: all RAM, if that is known. */
export function ramSpans(
  lines: readonly LogLine[],
  total: bigint | undefined,
  pageBytes: number,
): readonly Span[] {
  const zones = zoneSpans(lines, BigInt(pageBytes));
  if (zones.length === 0) return withTotal(joined(nodeSpans(lines)), total);
  return withZonePages(zones, lines, total, BigInt(pageBytes)) ?? withTotal(joined(zones), total);
}

/**
 * What lies in a span, as banks: what is missing is left out at its end, or just below it where RAM ends it. `pools`: of RAM
 * that is there, wherever the rest is missing.
 */
export function banksOf(
  { start, end, line, presentBytes, endsInRam }: Span,
  pools: readonly BankLine[],
): BankLine[] {
  const missing = presentBytes === undefined ? 0n : end - start - presentBytes;
  if (missing <= 0n) return [{ start, end, line }];
  const holeEnd = belowPools(endsInRam ? end - KEPT_BYTES : end, missing, pools);
  const banks = [
    { start, end: holeEnd - missing, line },
    { start: holeEnd, end, line },
  ];
  return banks.filter((one) => one.start < one.end && one.start >= start);
}

/** The highest place for a hole that ends there at most and has none of the pools in it. */
function belowPools(highest: bigint, missing: bigint, pools: readonly BankLine[]): bigint {
  const descending = pools.toSorted((a, b) => (a.start > b.start ? -1 : 1));
  return descending.reduce(
    (holeEnd, { start, end }) => (start < holeEnd && end > holeEnd - missing ? start : holeEnd),
    highest,
  );
}

/** So much at the end of RAM is RAM, that whatever is computed from that end is right: a section of ARM's page tables. */
const KEPT_BYTES = 2n * MIB;

interface ZoneSpan extends BankLine {
  readonly name: string;
}

function zoneSpans(lines: readonly LogLine[], pageBytes: bigint): ZoneSpan[] {
  const zones = new Map<string, ZoneSpan>();
  for (const { text, number: line } of lines) {
    const [, name, first, last] = ZONE_BYTES.exec(text) ?? [];
    if (name !== undefined)
      keep(zones, { name, start: BigInt(`0x${first}`), end: BigInt(`0x${last}`) + 1n, line });
    const [, zone, from, to] = ZONE_FRAMES.exec(text) ?? [];
    if (zone !== undefined)
      keep(zones, {
        ...{ name: zone, line },
        start: BigInt(`0x${from}`) * pageBytes,
        end: BigInt(`0x${to}`) * pageBytes,
      });
  }
  return [...zones.values()].sort((a, b) => (a.start < b.start ? -1 : 1));
}

function keep(zones: Map<string, ZoneSpan>, zone: ZoneSpan): void {
  if (zone.start < zone.end && !zones.has(zone.name)) zones.set(zone.name, zone);
}

function nodeSpans(lines: readonly LogLine[]): BankLine[] {
  return lines
    .flatMap(({ text, number: line }) => {
      const [, first, last] = NODE_SPAN.exec(text) ?? [];
      return first === undefined
        ? []
        : [{ start: BigInt(`0x${first}`), end: BigInt(`0x${last}`) + 1n, line }];
    })
    .filter(({ start, end }) => start < end)
    .sort((a, b) => (a.start < b.start ? -1 : 1));
}

/** What touches or overlaps is one. */
function joined(spans: readonly BankLine[]): BankLine[] {
  const out: BankLine[] = [];
  for (const { start, end, line } of spans) {
    const last = out.at(-1);
    if (last === undefined || start > last.end) out.push({ start, end, line });
    else if (end > last.end) out[out.length - 1] = { ...last, end };
  }
  return out;
}

/** What of the total is missing is missing in the last and largest: nothing tells where. */
function withTotal(spans: readonly BankLine[], total: bigint | undefined): Span[] {
  const all = spans.reduce((sum, { start, end }) => sum + end - start, 0n);
  const missing = total === undefined ? 0n : all - total;
  return spans.map((span, i) => ({
    ...span,
    endsInRam: true,
    ...(missing > 0n && i === spans.length - 1 && { presentBytes: span.end - span.start - missing }),
  }));
}

/** Each zone with its pages, where the log tells of every one and they are the total. */
function withZonePages(
  zones: readonly ZoneSpan[],
  lines: readonly LogLine[],
  total: bigint | undefined,
  pageBytes: bigint,
): Span[] | undefined {
  const { listed, memmap } = zonePages(lines);
  const sizes = (more: ReadonlyMap<string, bigint>): bigint[] =>
    zones.map(({ name }) => ((listed.get(name) ?? 0n) + (more.get(name) ?? 0n)) * pageBytes);
  // Early kernels leave the memory map out of a zone's pages (up to 3.8).
  const present = [sizes(new Map()), sizes(memmap)].find(
    (all) => all.reduce((sum, bytes) => sum + bytes, 0n) === total,
  );
  return (
    present &&
    zones.map((zone, i) => ({
      ...zone,
      presentBytes: present[i]!,
      endsInRam: i === zones.length - 1,
    }))
  );
}

function zonePages(lines: readonly LogLine[]): { listed: Map<string, bigint>; memmap: Map<string, bigint> } {
  const listed = new Map<string, bigint>();
  const memmap = new Map<string, bigint>();
  for (const { text } of lines) {
    const [, name, count, what] = ZONE_PAGES.exec(text) ?? [];
    if (name !== undefined) (what === ', LIFO' ? listed : memmap).set(name, BigInt(count!));
  }
  return { listed, memmap };
}
