/** What was tried, and the answer, in lines for people. */
import { formatCount } from '../text/units.ts';
import { hanging } from '../text/wrap.ts';
import type { FitResult, FitTry } from './fit.ts';

const LABEL_WIDTH = 8;
/** Of sizes, and of the names of layouts. */
const VALUE_WIDTHS = [7, 24] as const;

/** `192M     fails at event 88,538: vmalloc(object 793, 3.5 MiB): vmalloc-space`. */
export function tryLine({ value, bytes, verdict, failure, events, why }: FitTry, width?: number): string {
  const columns = VALUE_WIDTHS[bytes === null ? 1 : 0];
  const same = why === null ? '' : ` (${why})`;
  const text =
    verdict === 'impossible'
      ? `no such machine: ${why}`
      : failure === null
        ? `fits: nothing fails in ${formatCount(events)} events${same}`
        : `fails at event ${formatCount(failure.event)}: ${failure.request}: ${failure.status}${same}`;
  return hanging(`${value.padEnd(columns)}  `, text, columns + 2, width);
}

/** @param command what replays the answer */
export function answerText(result: FitResult, command: string | undefined, width?: number): string {
  const { vary, answer, tries } = result;
  const line = (label: string, text: string): string =>
    hanging(label.padEnd(LABEL_WIDTH), text, LABEL_WIDTH, width);
  if (answer === null) {
    const failed = tries.filter(({ verdict }) => verdict === 'fails');
    return line(
      'answer',
      `none: under all ${failed.length} values of ${vary} that were tried something fails`,
    );
  }
  return [
    line('answer', `${named(result, answer)}: the smallest of ${tries.length} values tried that fits`),
    ...bewareText(result).map((text) => line('beware', text)),
    ...answer.incurable.map(({ event, request, status }) =>
      line('note', `fails whatever ${vary} is: event ${formatCount(event)}: ${request}: ${status}`),
    ),
    ...(command === undefined ? [] : [`${'try it'.padEnd(LABEL_WIDTH)}${command}`]),
  ].join('\n');
}

function named({ vary }: FitResult, { value, bytes }: FitTry): string {
  return bytes === null ? `${vary} ${value}` : `${vary}=${value}`;
}

function bewareText(result: FitResult): string[] {
  const { failsAbove, safe } = result;
  if (failsAbove.length === 0) return [];
  const failing = failsAbove.map(({ value }) => value).join(', ');
  const rest = safe === null ? '' : `; from ${named(result, safe)} on nothing that was tried fails`;
  return [`larger values fail again: ${failing}${rest}`];
}
