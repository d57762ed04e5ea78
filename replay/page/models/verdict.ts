/** The verdict at the top of the page: what came of a run in plain words, where to look, and the commands that tell the same. */
import { STATUS } from '../../../core/outcome/outcome.ts';
import type { DifferencesResult } from '../../diff/lockstep.ts';
import type { FirstFailure } from '../../lane/lane.ts';
import type { LayoutResult } from '../../run/result.ts';
import { reproduceLine } from '../../spec/command-line.ts';
import { formatCount } from '../../text/units.ts';

export interface Verdict {
  /** How it ended: nothing to see, something failed, lanes part. */
  readonly kind: 'fine' | 'failed' | 'differ';
  readonly headline: string;
  /** The figures behind it; may be empty. */
  readonly detail: string;
  /** The event that shows it. */
  readonly event: number | undefined;
  readonly commands: readonly string[];
}

/** @param args how the run is written on a command line, behind the name of the command */
export function verdictOf(
  results: readonly LayoutResult[],
  differences: DifferencesResult | undefined,
  args: readonly string[],
): Verdict {
  const first = differences?.first[0];
  const failure = firstFailureOf(results);
  const [command, events] = [results.length > 1 ? 'diff' : 'replay', results[0]!.events];
  const commands = [reproduceLine(command, args)];
  if (first !== undefined) {
    const alike = first.count === 1 ? '' : ` (and ${formatCount(first.count - 1)} more like it)`;
    return {
      kind: 'differ',
      headline: `${partText(differences!, events)} The first: ${first.request}${alike}`,
      detail: Object.entries(first.stories)
        .map(([name, story]) => `${name}: ${story}`)
        .join('\n'),
      event: first.event,
      commands,
    };
  }
  if (failure !== undefined) return { ...failedText(results, failure), commands };
  return { kind: 'fine', headline: fineText(results, events), detail: '', event: undefined, commands };
}

function partText({ total, consequences }: DifferencesResult, events: number): string {
  const others = consequences === 0 ? '' : `, ${formatCount(consequences)} more as a consequence`;
  return `${formatCount(total)} of ${formatCount(events)} events ${total === 1 ? 'comes' : 'come'} out differently${others}.`;
}

interface Failed {
  readonly lane: LayoutResult;
  readonly failure: FirstFailure;
}

/** The first that is not a consequence of another one. */
function firstFailureOf(results: readonly LayoutResult[]): Failed | undefined {
  const all = results.flatMap((lane) => lane.firstFailures.map((failure) => ({ lane, failure })));
  const roots = all.filter(({ failure }) => !STATUS[failure.status].follows);
  return [...(roots.length > 0 ? roots : all)].sort((a, b) => a.failure.event - b.failure.event)[0];
}

function failedText(results: readonly LayoutResult[], { lane, failure }: Failed): Omit<Verdict, 'commands'> {
  const { request, reason, detail, event } = failure;
  const who = results.length === 1 ? '' : `${lane.name}: `;
  const count = results.length === 1 ? lane.failures : Math.max(...results.map(({ failures }) => failures));
  return {
    kind: 'failed',
    headline: `${formatCount(count)} of ${formatCount(lane.events)} events ${count === 1 ? 'fails' : 'fail'}${results.length === 1 ? '' : ', the same everywhere'}. The first: ${request}`,
    detail: `${who}${reason}${detail === '' ? '' : `: ${detail}`}`,
    event,
  };
}

function fineText(results: readonly LayoutResult[], events: number): string {
  if (results.length === 1) return `All ${formatCount(events)} events go well.`;
  return `All ${formatCount(events)} events go well, and the same in every lane.`;
}
