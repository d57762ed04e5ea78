/** What the demonstration found: the layouts side by side, and what differs and why. */
import {
  type Difference,
  formatBytes,
  formatCount,
  formatNs,
  type LayoutResult,
  type ReplayResult,
} from '../../index.ts';
import { ramWarning } from '../../text/ram-text.ts';
import { hanging } from '../../text/wrap.ts';
import type { Written } from '../files/trace-output.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { table } from './table.ts';

/** A scene that was played. */
export interface Played {
  readonly name: string;
  readonly question: string;
  readonly written: Written;
  readonly result: ReplayResult;
  /** The command that compares the trace again. */
  readonly reproduce: string;
}

type Paint = Pick<Terminal, 'colors' | 'width'>;

/** Sorts of differences that are told of each workload; `vmsplit diff` tells all. */
const TOLD = 3;

export function demoText(played: readonly Played[], paint: Paint): string {
  const { colors } = paint;
  return [
    colors.cyan('side by side'),
    sideBySide(played, paint),
    '',
    colors.cyan('what differs, and why'),
    ...played.flatMap((scene) => [differences(scene, paint), '']),
    colors.cyan('go on'),
    ...played.map(({ reproduce }) => `  ${reproduce}`),
    `  ${played[0]!.reproduce.replace(/^vmsplit diff/, 'vmsplit view')}`,
    '  vmsplit explain 0xc1234567 --layout linux-3g1g --layout linux-2g2g',
    '  vmsplit example highmem-kmap',
  ].join('\n');
}

const COLUMNS = [
  { head: 'workload' },
  { head: 'layout' },
  { head: 'RAM', align: 'right' },
  { head: 'low memory', align: 'right' },
  { head: 'vmalloc', align: 'right' },
  { head: 'page tables', align: 'right' },
  { head: 'simulated', align: 'right' },
  { head: 'allocations that failed' },
] as const;

function sideBySide(played: readonly Played[], paint: Paint): string {
  const rows = played.flatMap(({ name, result }) =>
    result.layouts.map((layout, i) => [i === 0 ? name : '', ...layoutCells(layout)]),
  );
  return [table(COLUMNS, rows, paint), ...warnings(played, paint)].join('\n');
}

/** Of the RAM that a layout cannot use. */
function warnings(played: readonly Played[], { colors, width }: Paint): string[] {
  const texts = played.flatMap(({ name, result }) =>
    result.layouts.flatMap((layout) => {
      const warning = ramWarning(layout.name, layout.unusedRam);
      return warning === undefined ? [] : [`${name}: ${warning}`];
    }),
  );
  return texts.map((text) => hanging(colors.yellow('warning: '), text, 9, width));
}

function layoutCells(layout: LayoutResult): string[] {
  return [
    layout.name,
    formatBytes(layout.ramBytes),
    formatBytes(layout.memory.low.totalBytes),
    formatBytes(layout.vmalloc.totalBytes),
    formatBytes(layout.pageTableBytesPeak),
    formatNs(layout.simulatedNs),
    failures(layout),
  ];
}

/** `384 vmalloc-space (vmalloc), 5 vmalloc-space (ioremap)`, or `none`. */
function failures({ allocations }: LayoutResult): string {
  const failed = Object.entries(allocations).flatMap(([kind, counts]) =>
    Object.entries(counts)
      .filter(([status]) => status !== 'ok')
      .map(([status, count]) => `${formatCount(count)} ${kind} (${status})`),
  );
  return failed.join(', ') || 'none';
}

function differences({ name, question, result }: Played, paint: Paint): string {
  const { total, consequences, first } = result.differences!;
  const title = `${paint.colors.bold(name)}: ${question}`;
  if (total === 0)
    return `${title}\n  nothing differs: all ${formatCount(result.events)} events came out the same`;
  const more = consequences === 0 ? '' : `, and ${formatCount(consequences)} more in consequence`;
  const counted = `  ${formatCount(total)} of ${formatCount(result.events)} events differ${more}`;
  return [title, counted, ...weightiest(first).map((difference) => told(difference, paint))].join('\n');
}

/** Failures first, then what is only placed elsewhere; in order of events. */
function weightiest(first: readonly Difference[]): readonly Difference[] {
  const failed = first.filter(({ category }) => category === 'status');
  const others = first.filter(({ category }) => category !== 'status');
  return [...failed, ...others].slice(0, TOLD).sort((a, b) => a.event - b.event);
}

function told({ event, request, count, stories }: Difference, { colors, width }: Paint): string {
  const times = count === 1 ? '' : `, ${formatCount(count)} times`;
  const lanes = Object.entries(stories).map(([name, story]) =>
    hanging(`    ${colors.bold(name)}: `, story, 6, width),
  );
  return [hanging('  ', `from event ${formatCount(event)}: ${request}${times}`, 4, width), ...lanes].join(
    '\n',
  );
}
