/** For people: a table of each capture's figures, and below it the first that disagrees. */
import picocolors from 'picocolors';
import { plainTable } from '../../text/plain-table.ts';
import { formatCount } from '../../text/units.ts';
import { hanging } from '../../text/wrap.ts';
import { isInRange, type PressureFigure } from './compare.ts';
import type { FreeAtStart } from './player.ts';
import type { CaptureVerification } from './verify.ts';

export interface PressureVerification {
  readonly captures: readonly CaptureVerification[];
  /** What every figure has to reach instead of its own bar; undefined: its own. */
  readonly atLeastPercent: number | undefined;
  readonly failed: readonly string[];
  readonly agrees: boolean;
}

type Paint = ReturnType<typeof picocolors.createColors>;

export function pressureVerification(
  captures: readonly CaptureVerification[],
  atLeastPercent: number | undefined,
): PressureVerification {
  const failed = captures.filter(({ figures }) => figures.some((one) => !isRight(one, atLeastPercent)));
  return {
    captures,
    atLeastPercent,
    failed: failed.map(({ capture }) => capture),
    agrees: captures.length > 0 && failed.length === 0,
  };
}

/** Reaches its bar, or may be no more than another disk away from it. */
function isRight(figure: PressureFigure, atLeastPercent: number | undefined): boolean {
  return reachesBar(figure, atLeastPercent) || isInRange(figure);
}

function reachesBar({ percent, least }: PressureFigure, atLeastPercent: number | undefined): boolean {
  return percent >= (atLeastPercent ?? least);
}

export function pressureVerificationText(
  result: PressureVerification,
  { colors = false, width = 80 }: { readonly colors?: boolean; readonly width?: number | undefined } = {},
): string {
  const paint = picocolors.createColors(colors);
  const { captures, failed, agrees, atLeastPercent } = result;
  const bar = atLeastPercent === undefined ? 'its bar' : `${atLeastPercent} %`;
  const verdict = agrees
    ? paint.green(`agrees: every figure at ${bar} or above${orInRange(captures, atLeastPercent)}`)
    : paint.red(`disagrees: below ${bar} in ${failed.join(', ') || 'no capture at all'}`);
  return `${[...captures.map((one) => captureText(one, atLeastPercent, paint, width)), verdict].join('\n\n')}\n`;
}

/** How many figures agree only because the disk decides them. */
function orInRange(captures: readonly CaptureVerification[], atLeastPercent: number | undefined): string {
  const count = captures
    .flatMap(({ figures }) => figures)
    .filter((figure) => !reachesBar(figure, atLeastPercent) && isInRange(figure)).length;
  return count === 0 ? '' : `, or within what other disks give (${formatCount(count)})`;
}

function captureText(
  capture: CaptureVerification,
  atLeastPercent: number | undefined,
  paint: Paint,
  width: number,
): string {
  const { figures, layout, script } = capture;
  const hasRange = figures.some((figure) => rangeText(figure) !== '');
  const rows = figures.filter(isCounted).map((figure, i, counted) => {
    const isWrong = !isRight(figure, atLeastPercent);
    const percent = `${figure.percent.toFixed(figure.percent > 99 ? 2 : 1)} %`;
    return [
      figure.mark === counted[i - 1]?.mark ? '' : figure.mark,
      figure.what,
      grouped(figure.truth),
      grouped(figure.predicted),
      rangeText(figure),
      isWrong ? paint.red(percent) : percent,
      isWrong ? `< ${atLeastPercent ?? figure.least}` : reachesBar(figure, atLeastPercent) ? '' : 'range',
    ];
  });
  const head = ['mark', 'what', 'kernel', 'vmsplit', hasRange ? 'other disks' : '', 'right', ''].map(
    paint.bold,
  );
  const table = plainTable(
    ['left', 'left', 'right', 'right', 'right', 'right', 'left'],
    [head, ...rows],
    width,
  );
  return [
    `${paint.bold(capture.capture)}, ${script} on ${layout}`,
    table,
    ...details(capture, atLeastPercent, width),
  ].join('\n');
}

function details(
  { figures, freeAtDirect, freeAtKswapd, marksWithoutPartner, refused }: CaptureVerification,
  atLeastPercent: number | undefined,
  width: number,
): string[] {
  const wrong = figures.find((figure) => !isRight(figure, atLeastPercent));
  const kills = figures.filter((figure) => !isCounted(figure));
  const lines = [
    ...kills.map(({ truth, predicted }) => `killed: ${truth}; predicted ${predicted}`),
    ...(wrong === undefined
      ? []
      : [`first disagreement: ${whereOf(wrong)}: ${wrong.first || 'see the table'}`]),
    ...free('direct reclaim began', freeAtDirect),
    ...free('kswapd began', freeAtKswapd),
    ...(marksWithoutPartner.length === 0
      ? []
      : [`not in the capture: marks ${marksWithoutPartner.join(', ')}`]),
    ...(refused === 0 ? [] : [`${formatCount(refused)} ${refused === 1 ? 'event' : 'events'} failed`]),
  ];
  return lines.map((line) => hanging('  ', line, 4, width));
}

/** Who was killed is a list of names, which no column has room for. */
function isCounted({ what }: PressureFigure): boolean {
  return what !== 'killed';
}

function whereOf({ mark, what }: PressureFigure): string {
  return mark === '' ? what : `${what} at ${mark}`;
}

function free(when: string, pages: FreeAtStart): string[] {
  const zones = Object.entries(pages);
  if (zones.length === 0) return [];
  return [
    `free pages when ${when} (median): ${zones.map(([zone, count]) => `${zone} ${formatCount(count)}`).join(', ')}`,
  ];
}

/** How far a figure goes with the disk, if it does. */
function rangeText({ range }: PressureFigure): string {
  if (range === undefined || range[0] === range[1]) return '';
  return range.map(formatCount).join('-');
}

function grouped(text: string): string {
  return text.replace(/^\d{4,}/, (digits) => formatCount(Number(digits)));
}
