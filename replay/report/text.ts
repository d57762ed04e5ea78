/** For people: a table with one column a layout, the first failures and why, and what differs and why. */
import picocolors from 'picocolors';
import { STATUS } from '../../core/outcome/outcome.ts';
import type { Difference } from '../diff/difference.ts';
import type { DifferencesResult } from '../diff/lockstep.ts';
import type { FirstFailure } from '../lane/lane.ts';
import type { LayoutResult, ReplayResult } from '../run/result.ts';
import { sideBySide } from '../text/plain-table.ts';
import { ramWarning } from '../text/ram-text.ts';
import { formatBytes, formatCount } from '../text/units.ts';
import { hanging } from '../text/wrap.ts';
import { tableOf } from './rows.ts';

export interface ReportOptions {
  /** With ANSI colours; default false. */
  readonly colors?: boolean;
  /** Columns of the terminal. Default: tables are PIPED_WIDTH wide at most, and sentences are not broken. */
  readonly width?: number | undefined;
}

interface Paint extends ReturnType<typeof picocolors.createColors> {
  readonly width: number | undefined;
}

/** The result for people, with a line break at its end. */
export function reportText(result: ReplayResult, { colors = false, width }: ReportOptions = {}): string {
  const paint = { ...picocolors.createColors(colors), width };
  const { layouts } = result;
  const parts = [comparison(result, paint), warnings(layouts, paint), failures(layouts, paint)];
  if (result.differences !== undefined) parts.push(differences(result.differences, paint));
  if (!result.complete) parts.push(paint.yellow(`broken off after ${formatCount(result.events)} events`));
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function comparison({ events, layouts }: ReplayResult, paint: Paint): string {
  const head = [
    ['', ...layouts.map(({ name }) => paint.bold(name))],
    [`${formatCount(events)} events`, ...layouts.map(({ ramBytes }) => `${formatBytes(ramBytes)} RAM`)],
  ];
  if (layouts.some(({ unusedRam }) => unusedRam !== null))
    head.push([
      'RAM that is used',
      ...layouts.map(({ ramBytes, unusedRam }) => formatBytes(ramBytes - (unusedRam?.bytes ?? 0))),
    ]);
  const groups = tableOf(layouts).flatMap(({ title, rows }) => [
    [paint.cyan(title)],
    ...rows.map(({ label, cell }) => [`  ${label}`, ...layouts.map(cell)]),
  ]);
  return sideBySide([...head, ...groups], paint.width);
}

/** What a kernel warns of at boot, and what a replay does not know. */
function warnings(layouts: readonly LayoutResult[], paint: Paint): string {
  const warned = layouts
    .flatMap(({ name, unusedRam }) => ramWarning(name, unusedRam) ?? [])
    .map((warning) => hanging(paint.yellow('warning: '), warning, 9, paint.width));
  const kernels = layouts.flatMap(({ name, kernelNote }) => (kernelNote ? [`${name}: ${kernelNote}`] : []));
  const notes = [...kernels, ...objectNotes(layouts)].map((note) => hanging('note: ', note, 6, paint.width));
  return [...warned, ...notes].join('\n');
}

/** Kernels of 64 bits have larger objects than those of 32, which a trace cannot know. */
function objectNotes(layouts: readonly LayoutResult[]): string[] {
  const scaled = layouts.filter(({ objectScale }) => objectScale !== 1);
  if (scaled.length > 0)
    return scaled.map(
      ({ name, objectScale }) =>
        `${name} has kernel objects of ${objectScale} times the recorded size, which is the most that words of another size can do`,
    );
  const hasObjects = layouts.some(
    ({ allocations: { kmalloc, kmem_cache_alloc } }) => kmalloc ?? kmem_cache_alloc,
  );
  const large = layouts.filter(({ wordBits }) => wordBits === 64).map(({ name }) => name);
  if (!hasObjects || large.length === 0) return [];
  return [
    `${large.join(', ')}: kernel objects keep the sizes that were recorded; those of a 32-bit kernel would be up to twice as large here (--scale-kernel-objects 32)`,
  ];
}

function failures(layouts: readonly LayoutResult[], paint: Paint): string {
  const lines = layouts.flatMap(({ name, firstFailures }) => {
    const roots = firstFailures.filter(({ status }) => !STATUS[status].follows);
    return roots.length === 0
      ? []
      : [paint.bold(name), ...roots.map((failure) => failureLine(failure, paint))];
  });
  return lines.length === 0 ? '' : [paint.cyan('first failures'), ...lines].join('\n');
}

/** Before what is told of an event. */
const STORY = ' '.repeat(6);

function failureLine({ event, request, status, reason, detail }: FirstFailure, paint: Paint): string {
  return [
    hanging('  ', `event ${formatCount(event)}: ${request}: ${paint.red(status)}`, 4, paint.width),
    ...[reason, detail].filter((text) => text !== '').map((text) => hanging(STORY, text, 8, paint.width)),
  ].join('\n');
}

function differences(found: DifferencesResult, paint: Paint): string {
  const title = paint.cyan('what differs and why');
  const { total, byCategory, consequences, first } = found;
  if (total === 0) return `${title}\n  nothing: every event came out the same`;
  const categories = [
    [byCategory.status, 'in status'],
    [byCategory.addressType, 'in type of address'],
    [byCategory.fault, 'in page fault'],
  ] as const;
  const split = categories.filter(([n]) => n > 0).map(([n, what]) => `${formatCount(n)} ${what}`);
  const followers = consequences === 0 ? '' : `; ${formatCount(consequences)} more as a consequence`;
  return [
    title,
    hanging(
      '  ',
      `${formatCount(total)} ${total === 1 ? 'event' : 'events'}: ${split.join(', ')}${followers}`,
      4,
      paint.width,
    ),
    ...first.map((difference) => differenceLine(difference, paint)),
  ].join('\n');
}

function differenceLine(difference: Difference, paint: Paint): string {
  const { event, request, count, stories } = difference;
  const times = count === 1 ? '' : ` (and ${formatCount(count - 1)} more like it)`;
  const lanes = Object.entries(stories).map(([name, story]) =>
    hanging(`${STORY}${paint.bold(name)}: `, story, 8, paint.width),
  );
  return [
    hanging('  ', `event ${formatCount(event)}: ${request}${times}${recorded(difference)}`, 4, paint.width),
    ...lanes,
  ].join('\n');
}

/** What the kernel that was recorded made of them. */
function recorded({ count, recordedAsFailed }: Difference): string {
  if (recordedAsFailed === 0) return '';
  const which = recordedAsFailed === count ? '' : `${formatCount(recordedAsFailed)} of these `;
  return `, ${which}refused where recorded`;
}
