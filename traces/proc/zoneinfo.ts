/**
 * /proc/zoneinfo: watermarks, sizes, statistics and per-cpu lists of each zone (zoneinfo_show_print of mm/vmstat.c).
 * Kernels differ in which figures they print, from 2.6 on; those that every kernel has are fields, all others are in
 * `pages` and `statistics` under the names that the kernel gives them. Text is written as by 6.1 and later.
 */
import { figuresOf, numbersOf, type ProcPlace, ProcText } from './text.ts';

/** A per-cpu list of free pages (struct per_cpu_pages), in pages. */
export interface Pageset {
  readonly cpu: number;
  readonly count: number;
  readonly high: number;
  readonly batch: number;
  /** Bounds of `high` since 6.7, where it follows the load. */
  readonly highMin?: number;
  readonly highMax?: number;
  readonly statisticsThreshold?: number;
}

/** All in pages unless named otherwise. */
export interface ZoneinfoZone {
  readonly node: number;
  readonly zone: string;
  /** Figures of the whole node; the kernel prints them with its first zone. */
  readonly nodeStatistics?: Readonly<Record<string, number>>;
  readonly free: number;
  readonly min: number;
  readonly low: number;
  readonly high: number;
  readonly spanned: number;
  readonly present: number;
  readonly managed: number;
  /** The same and what else the kernel prints there: boost, promo, cma. */
  readonly pages: Readonly<Record<string, number>>;
  /** By rank of the zone that was asked for: pages that such a request must leave alone (lowmem reserve). */
  readonly protection: readonly number[];
  /** nr_free_pages, nr_mlock, ...; empty when the zone has no pages, as is what follows. */
  readonly statistics: Readonly<Record<string, number>>;
  readonly pagesets: readonly Pageset[];
  readonly nodeUnreclaimable?: number;
  readonly startPfn?: number;
}

const SIZES = ['min', 'low', 'high', 'spanned', 'present'] as const;
/** Four spaces before 4.8; a kernel of RHEL 8 has a statistic without a name. */
const FIGURE = /^ {4}(?: {2})?(\w*) +(\d+)$/;
/** `scanned  0 (aa: 0 ia: 0 af: 0 if: 0)` before 2.6.28. */
const COUNT = /^ {8}(\w+) +(\d+)(?: \([^)]*\))?$/;
const PROTECTION = /^ {8}protection: \(((?:\d+(?:, )?)+)\)$/;

/** One entry a zone, in the order of the file. Throws ImportError at the first line that a kernel would not print. */
export function parseZoneinfo(text: string, place?: ProcPlace): ZoneinfoZone[] {
  const lines = new ProcText(text, '/proc/zoneinfo', place);
  return lines.untilEnd(() => readZone(lines));
}

function readZone(lines: ProcText): ZoneinfoZone {
  const [, node, zone] = lines.expect(/^Node (\d+), zone +(\w+)$/, "'Node 0, zone   Normal'");
  const nodeStatistics = lines.accept(/^ {2}per-node stats$/) && figuresOf(lines, FIGURE);
  const [, free] = lines.expect(/^ {2}pages free +(\d+)$/, "'  pages free     3840'");
  const pages = { free: Number(free), ...figuresOf(lines, COUNT) };
  const protectionFirst = lines.accept(PROTECTION);
  if (protectionFirst !== undefined) checkSizes(lines, pages);
  const statistics = protectionFirst === undefined ? figuresOf(lines, FIGURE) : undefined;
  // Up to 4.7 the protection comes behind the statistics.
  const [, cells] =
    protectionFirst ??
    lines.expect(PROTECTION, "'        protection: (0, 853, 991)', or another count of pages");
  if (protectionFirst === undefined) checkSizes(lines, pages);
  return {
    node: Number(node),
    zone: zone!,
    ...(nodeStatistics && { nodeStatistics }),
    // Before 3.9 all pages that were present counted as managed.
    managed: (pages as Record<string, number>).present!,
    ...(pages as Record<(typeof SIZES)[number] | 'free', number>),
    pages,
    protection: numbersOf(cells!.replaceAll(',', '')),
    statistics: statistics ?? figuresOf(lines, FIGURE),
    ...readPagesets(lines),
  };
}

function checkSizes(lines: ProcText, pages: Readonly<Record<string, number>>): void {
  const missing = SIZES.find((name) => !(name in pages));
  if (missing !== undefined) lines.reject(`'${missing}' among the counts of pages before it`);
}

/** What only a populated zone has. */
function readPagesets(lines: ProcText): Pick<ZoneinfoZone, 'pagesets' | 'nodeUnreclaimable' | 'startPfn'> {
  if (lines.accept(/^ {2}pagesets$/) === undefined) return { pagesets: [] };
  const pagesets = lines.each(/^ {4}cpu: (\d+)(?: pcp: \d+)?$/, ([, cpu]) => readPageset(lines, Number(cpu)));
  const tail = figuresOf(lines, /^ {2}(\w+): +(\d+)$/);
  if (!UNRECLAIMABLE.some((name) => name in tail)) lines.fail("'  node_unreclaimable:  0', or another cpu");
  if (tail.start_pfn === undefined) lines.fail("'  start_pfn:           4096'");
  const { node_unreclaimable } = tail;
  return {
    pagesets: joined(pagesets),
    ...(node_unreclaimable !== undefined && { nodeUnreclaimable: node_unreclaimable }),
    startPfn: tail.start_pfn!,
  };
}

/** Of the node since 4.8, before that of the zone. */
const UNRECLAIMABLE = ['node_unreclaimable', 'all_unreclaimable'];

/** Up to 2.6.24 a cpu had a list of pages in its caches and one of others. */
function joined(pagesets: readonly Pageset[]): Pageset[] {
  const out: Pageset[] = [];
  for (const one of pagesets) {
    const last = out.at(-1);
    if (last?.cpu !== one.cpu) out.push(one);
    else out[out.length - 1] = { ...one, ...last, count: last.count + one.count };
  }
  return out;
}

function readPageset(lines: ProcText, cpu: number): Pageset {
  const { count, high, batch, high_min, high_max } = figuresOf(lines, /^ {10,14}(\w+): +(\d+)$/);
  if (count === undefined || high === undefined || batch === undefined)
    return lines.fail("'              count: 938', 'high:' and 'batch:' of the cpu");
  const threshold = lines.accept(/^ {2}vm stats threshold: (\d+)$/)?.[1];
  return {
    cpu,
    count,
    high,
    batch,
    ...(high_min !== undefined && { highMin: high_min }),
    ...(high_max !== undefined && { highMax: high_max }),
    ...(threshold !== undefined && { statisticsThreshold: Number(threshold) }),
  };
}

/** Text as the kernel prints it. */
export function formatZoneinfo(zones: readonly ZoneinfoZone[]): string {
  return zones.map((zone) => `${zoneLines(zone).join('\n')}\n`).join('');
}

function zoneLines(zone: ZoneinfoZone): string[] {
  const { node, zone: name, nodeStatistics, pages, protection, statistics, pagesets } = zone;
  const { free, ...others } = pages;
  return [
    `Node ${node}, zone ${name.padStart(8)}`,
    ...(nodeStatistics === undefined ? [] : ['  per-node stats', ...statisticLines(nodeStatistics)]),
    `  pages free     ${free}`,
    ...Object.entries(others).map(([label, count]) => `        ${label.padEnd(8)} ${count}`),
    `        protection: (${protection.join(', ')})`,
    ...statisticLines(statistics),
    ...(pagesets.length === 0 ? [] : ['  pagesets', ...pagesets.flatMap(pagesetLines)]),
    ...(zone.startPfn === undefined
      ? []
      : [`  node_unreclaimable:  ${zone.nodeUnreclaimable}`, `  start_pfn:           ${zone.startPfn}`]),
  ];
}

function statisticLines(statistics: Readonly<Record<string, number>>): string[] {
  return Object.entries(statistics).map(([name, value]) => `      ${name.padEnd(12)} ${value}`);
}

/** Since 6.7 there are five figures, and room for the longest name. */
function pagesetLines({ cpu, count, high, batch, highMin, highMax, statisticsThreshold }: Pageset): string[] {
  const bounds = highMin === undefined ? {} : { high_min: highMin, high_max: highMax! };
  const width = highMin === undefined ? 6 : 9;
  const lines = Object.entries({ count, high, batch, ...bounds }).map(
    ([name, value]) => `              ${`${name}:`.padEnd(width)} ${value}`,
  );
  const threshold = statisticsThreshold === undefined ? [] : [`  vm stats threshold: ${statisticsThreshold}`];
  return [`    cpu: ${cpu}`, ...lines, ...threshold];
}
