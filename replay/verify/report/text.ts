/** For people: a table with one line a rule, the books of each phase, and the first disagreements with their reasons. */
import picocolors from 'picocolors';
import { plainTable } from '../../text/plain-table.ts';
import { formatCount, formatShare } from '../../text/units.ts';
import { hanging, widthOf } from '../../text/wrap.ts';
import type { Phase } from '../model/accounting.ts';
import type { PcpCount } from '../model/pcp-model.ts';
import { type Disagreement, PFN_RULES, type RuleName, type RuleScore } from '../score/rules.ts';
import type { KernelVerification } from './verify.ts';

type Paint = ReturnType<typeof picocolors.createColors>;

/** The report for people, with ANSI colours or without; `width`: columns to fit it in. */
export function verificationText(
  result: KernelVerification,
  { colors = false, width }: { colors?: boolean; width?: number | undefined } = {},
): string {
  const paint = picocolors.createColors(colors);
  const parts = [
    whatWasRead(result),
    rulesTable(result, paint),
    books(result.phases, paint),
    unpredictable(result.rules, paint),
    disagreements(result.disagreements, paint),
    verdict(result, paint),
  ];
  const text = `${parts.filter((part) => part !== '').join('\n\n')}\n`;
  return width === undefined ? text : text.replace(/^.+$/gm, (line) => fitted(line, width));
}

/** What does not fit goes below, two columns further in. */
function fitted(line: string, width: number): string {
  if (widthOf(line) <= width) return line;
  const [indent] = /^ */.exec(line)!;
  return hanging(indent, line.slice(indent.length), indent.length + 2, width);
}

function whatWasRead({ trace, dialect, lines, moments, momentsWithoutMarkers }: KernelVerification): string {
  const total = Object.values(lines).reduce((sum, count) => sum + count, 0);
  const kinds = Object.entries(lines)
    .filter(([kind]) => kind.startsWith('mm_page_'))
    .map(([kind, count]) => `${formatCount(count)} ${kind}`);
  const read = moments.length === 0 ? 'no snapshot with markers in the trace' : `${moments.length} snapshots`;
  const unread =
    momentsWithoutMarkers.length === 0
      ? ''
      : `; not compared, for the trace does not say when they were read: ${momentsWithoutMarkers.join(', ')}`;
  return `${trace}: ${dialect}, ${formatCount(total)} lines, ${read}${unread}\n${kinds.join(', ')}`;
}

function rulesTable({ rules, failed }: KernelVerification, paint: Paint): string {
  const head = ['rule', 'right', 'predicted', '', 'unpredictable'].map(paint.bold);
  const rows = (Object.entries(rules) as [RuleName, RuleScore][]).map(([name, score]) => {
    const share = formatShare(score.right, score.made);
    return [
      name,
      formatCount(score.right),
      formatCount(score.made),
      failed.includes(name) ? paint.red(share) : share,
      formatCount(totalOf(score.unpredictable)),
    ];
  });
  return plainTable(['left', 'right', 'right', 'right', 'right'], [head, ...rows]);
}

function totalOf(reasons: Readonly<Record<string, number>>): number {
  return Object.values(reasons).reduce((sum, count) => sum + count, 0);
}

/** Only zones and lists in which something moved. */
function books(phases: readonly Phase[], paint: Paint): string {
  if (phases.length === 0) return '';
  let before: readonly PcpCount[] = [];
  const rows = phases.flatMap(({ label, zones, pcp }) => {
    const parts = [
      ...zones.filter(hasMoved).map((zone) => zoneText(zone, paint)),
      ...movedLists(pcp, before),
    ];
    before = pcp;
    return parts.length === 0 ? [] : `  ${label}: ${parts.join('; ')}`;
  });
  const still = phases.length - rows.length;
  const rest = still === 0 ? [] : [`  in ${still} more: nothing moved`];
  return [paint.cyan('since the snapshot before: free pages, pages on per-cpu lists'), ...rows, ...rest].join(
    '\n',
  );
}

type ZoneBook = Phase['zones'][number];

function hasMoved({ expected, found }: ZoneBook): boolean {
  return expected !== '0' || found !== 0;
}

function zoneText({ zone, expected, found, agrees }: ZoneBook, paint: Paint): string {
  const text = `${zone} ${signed(found)} (by events ${expected})`;
  return agrees ? text : paint.red(`${text}, differs`);
}

/** Lists that hold another number of pages than at the moment before. */
function movedLists(pcp: readonly PcpCount[], before: readonly PcpCount[]): string[] {
  return pcp
    .filter((list) => {
      const last = before.find(({ zone, cpu }) => zone === list.zone && cpu === list.cpu);
      return last === undefined ? list.found > 0 : last.found !== list.found;
    })
    .map(({ zone, cpu, expected, found }) => `${zone} cpu ${cpu} ${found} (by events ${expected})`);
}

function signed(pages: number): string {
  return pages > 0 ? `+${pages}` : String(pages);
}

function unpredictable(rules: KernelVerification['rules'], paint: Paint): string {
  const lines = (Object.entries(rules) as [RuleName, RuleScore][]).flatMap(
    ([name, { unpredictable: reasons }]) =>
      Object.entries(reasons).map(([reason, count]) => `  ${name}: ${formatCount(count)}, ${reason}`),
  );
  return lines.length === 0 ? '' : [paint.cyan('what could not be predicted, and why'), ...lines].join('\n');
}

function disagreements(found: readonly Disagreement[], paint: Paint): string {
  if (found.length === 0) return '';
  const lines = [...found]
    .sort((a, b) => a.line - b.line)
    .map(({ line, rule, event, expected, because, found: seen, known }) => {
      const more = known === '' ? '' : `: ${known}`;
      return `  line ${line}, ${rule}: ${event}\n      expected ${expected}: ${because}\n      found ${seen}${more}`;
    });
  return [paint.cyan('first disagreements'), ...lines].join('\n');
}

function verdict(
  { rules, failed, atLeastPercent, agrees, untracedPages, missing }: KernelVerification,
  paint: Paint,
): string {
  const scores = PFN_RULES.flatMap((rule) => rules[rule] ?? []);
  const made = scores.reduce((sum, score) => sum + score.made, 0);
  const right = scores.reduce((sum, score) => sum + score.right, 0);
  const untraced =
    untracedPages === 0
      ? ''
      : `${formatCount(untracedPages)} pages left their lists with no event that says so (alloc_pages_bulk has none)\n`;
  if (made === 0) return `${untraced}no PFN could be predicted`;
  const sum = `${formatCount(right)} of ${formatCount(made)} predicted PFNs right (${formatShare(right, made)})`;
  const judgement = agrees
    ? paint.green(`agrees: every rule at ${atLeastPercent} % or above${forgiven(rules, atLeastPercent)}`)
    : paint.red(`disagrees: below ${atLeastPercent} %: ${failed.join(', ')}`);
  const gaps =
    missing.length === 0
      ? ''
      : `\nthe trace has no ${missing.join(', ')}: it is not of all tasks, or not of all kmem events (perf record -a -e 'kmem:*')`;
  return `${untraced}${sum}\n${judgement}${gaps}`;
}

/** Rules below the mark by less than one prediction. */
function forgiven(rules: KernelVerification['rules'], atLeastPercent: number): string {
  const below = (Object.entries(rules) as [RuleName, RuleScore][])
    .filter(([, { made, right }]) => right * 100 < made * atLeastPercent)
    .map(([name]) => name);
  return below.length === 0 ? '' : `, but for a single miss of ${below.join(', ')}`;
}
