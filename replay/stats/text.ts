/** The statistics of a trace for people: tables and bars that fit 80 columns. */
import { plainTable } from '../text/plain-table.ts';
import { formatBytes, formatCount, formatNs, formatShare } from '../text/units.ts';
import type { Bar, ObjectStats, TraceStatsResult } from './trace-stats.ts';

export function statsText(stats: TraceStatsResult, width?: number): string {
  const { events, thinkNs, kinds, references, pages, objects } = stats;
  const nrReferences = Object.values(references).reduce((sum, count) => sum + count, 0);
  return [
    `${formatCount(events)} events, ${formatNs(thinkNs)} between them`,
    ...(events === 0 ? [] : [section('events by kind', countRows(kinds, events), width)]),
    ...(nrReferences === 0
      ? []
      : [section('references', countRows(references, nrReferences), width), ...pageSections(pages, width)]),
    ...objects.map((object) => objectSection(object, width)),
  ].join('\n\n');
}

function section(title: string, rows: readonly (readonly string[])[], width: number | undefined): string {
  const alignments = rows[0]!.map((_, i) => (i === 0 ? ('left' as const) : ('right' as const)));
  return `${title}\n${indented(plainTable(alignments, rows, width))}`;
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}

function countRows(counts: Readonly<Record<string, number>>, all: number): string[][] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => [name, formatCount(count), formatShare(count, all)]);
}

function pageSections(pages: TraceStatsResult['pages'], width: number | undefined): string[] {
  const { touched, workingSets, reuseDistances, firstTouches, sampledRate } = pages;
  const windows = workingSets.flatMap(({ window, pages: mean }) =>
    mean === null
      ? []
      : [[`last ${formatCount(window)} references`, formatCount(mean), formatBytes(4096 * mean)]],
  );
  const exact = sampledRate === 1 ? '' : `, of one page in ${1 / sampledRate}: estimated`;
  return [
    `${formatCount(touched)} pages of 4 KiB touched, ${formatBytes(4096 * touched)}${exact}`,
    ...(windows.length === 0 ? [] : [section('working set: mean pages touched by the', windows, width)]),
    `reuse distance: other pages touched since a page was touched last\n${histogram(reuseDistances, formatCount)}\n  first touches  ${formatCount(firstTouches)}`,
  ];
}

function objectSection(object: ObjectStats, width: number | undefined): string {
  const { kind, count, bytes, recordedAsFailed, aliveAtEnd, sizes, lifetimeEvents } = object;
  const mean = formatBytes(bytes / count);
  const rows = [
    ['objects', formatCount(count)],
    ['mean size', mean],
    ...(recordedAsFailed === 0 ? [] : [['failed where recorded', formatCount(recordedAsFailed)]]),
    ['alive at the end', formatCount(aliveAtEnd)],
  ];
  return [
    section(kind, rows, width),
    `  sizes\n${histogram(sizes, formatBytes)}`,
    ...(lifetimeEvents.length === 0
      ? []
      : [`  lifetimes in events\n${histogram(lifetimeEvents, formatCount)}`]),
  ].join('\n');
}

const BAR_WIDTH = 30;

/** A line for each bar: its range, its count, its share of all, and that drawn. */
function histogram(bars: readonly Bar[], format: (value: number) => string): string {
  const all = bars.reduce((sum, { count }) => sum + count, 0);
  const most = Math.max(...bars.map(({ count }) => count));
  const rows = bars.map(({ from, to, count }) => [
    to - from <= 1 ? format(from) : `${format(from)} to below ${format(to)}`,
    formatCount(count),
    formatShare(count, all),
    '#'.repeat(Math.round((BAR_WIDTH * count) / most)),
  ]);
  return indented(plainTable(['left', 'right', 'right', 'left'], rows));
}
