/** For people: a table with one line a rule, the books of each phase, and the first disagreements with their reasons. */
import Table from 'cli-table3';
import picocolors from 'picocolors';
import { formatCount, formatShare } from '../units.js';
import { PFN_RULES } from './rules.js';
const NO_LINES = Object.fromEntries(['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) => [
    [side, ''],
    [`${side}-mid`, ''],
    [`${side}-left`, ''],
    [`${side}-right`, ''],
]));
/** With ANSI colours or without. */
export function verificationText(result, { colors = false } = {}) {
    const paint = picocolors.createColors(colors);
    const parts = [
        whatWasRead(result),
        rulesTable(result, paint),
        books(result.phases, paint),
        unpredictable(result.rules, paint),
        disagreements(result.disagreements, paint),
        verdict(result, paint),
    ];
    return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
function whatWasRead({ trace, dialect, lines, moments, momentsWithoutMarkers }) {
    const total = Object.values(lines).reduce((sum, count) => sum + count, 0);
    const kinds = Object.entries(lines)
        .filter(([kind]) => kind.startsWith('mm_page_'))
        .map(([kind, count]) => `${formatCount(count)} ${kind}`);
    const read = moments.length === 0 ? 'no snapshot with markers in the trace' : `${moments.length} snapshots`;
    const unread = momentsWithoutMarkers.length === 0
        ? ''
        : `; not compared, for the trace does not say when they were read: ${momentsWithoutMarkers.join(', ')}`;
    return `${trace}: ${dialect}, ${formatCount(total)} lines, ${read}${unread}\n${kinds.join(', ')}`;
}
function rulesTable({ rules, failed }, paint) {
    const table = new Table({
        chars: { ...NO_LINES, middle: '  ' },
        style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
        colAligns: ['left', 'right', 'right', 'right', 'right'],
    });
    table.push(['rule', 'right', 'predicted', '', 'unpredictable'].map(paint.bold));
    for (const [name, score] of Object.entries(rules)) {
        const share = formatShare(score.right, score.made);
        table.push([
            name,
            formatCount(score.right),
            formatCount(score.made),
            failed.includes(name) ? paint.red(share) : share,
            formatCount(totalOf(score.unpredictable)),
        ]);
    }
    return table.toString().replace(/[ \t]+$/gm, '');
}
function totalOf(reasons) {
    return Object.values(reasons).reduce((sum, count) => sum + count, 0);
}
/** Only zones in which something moved. */
function books(phases, paint) {
    const rows = phases.flatMap(({ label, zones }) => zones
        .filter(({ expected, found }) => expected !== '0' || found !== 0)
        .map(({ zone, expected, found, agrees }) => {
        const line = `  ${label}: ${zone} ${signed(found)}, by events ${expected}`;
        return agrees ? line : paint.red(`${line}: differs`);
    }));
    if (phases.length === 0)
        return '';
    const still = phases.filter(({ zones }) => zones.every(({ expected, found }) => expected === '0' && found === 0));
    const rest = still.length === 0 ? [] : [`  in ${still.length} more: nothing, by events nothing`];
    return [paint.cyan('free pages, change since the snapshot before'), ...rows, ...rest].join('\n');
}
function signed(pages) {
    return pages > 0 ? `+${pages}` : String(pages);
}
function unpredictable(rules, paint) {
    const lines = Object.entries(rules).flatMap(([name, { unpredictable: reasons }]) => Object.entries(reasons).map(([reason, count]) => `  ${name}: ${formatCount(count)}, ${reason}`));
    return lines.length === 0 ? '' : [paint.cyan('what could not be predicted, and why'), ...lines].join('\n');
}
function disagreements(found, paint) {
    if (found.length === 0)
        return '';
    const lines = [...found]
        .sort((a, b) => a.line - b.line)
        .map(({ line, rule, event, expected, because, found: seen, known }) => {
        const more = known === '' ? '' : `: ${known}`;
        return `  line ${line}, ${rule}: ${event}\n      expected ${expected}: ${because}\n      found ${seen}${more}`;
    });
    return [paint.cyan('first disagreements'), ...lines].join('\n');
}
function verdict({ rules, failed, atLeastPercent, agrees, untracedPages, missing }, paint) {
    const scores = PFN_RULES.flatMap((rule) => rules[rule] ?? []);
    const made = scores.reduce((sum, score) => sum + score.made, 0);
    const right = scores.reduce((sum, score) => sum + score.right, 0);
    const untraced = untracedPages === 0
        ? ''
        : `${formatCount(untracedPages)} pages left their lists with no event that says so (alloc_pages_bulk has none)\n`;
    if (made === 0)
        return `${untraced}no PFN could be predicted`;
    const sum = `${formatCount(right)} of ${formatCount(made)} predicted PFNs right (${formatShare(right, made)})`;
    const judgement = agrees
        ? paint.green(`agrees: every rule at ${atLeastPercent} % or above`)
        : paint.red(`disagrees: below ${atLeastPercent} %: ${failed.join(', ')}`);
    const gaps = missing.length === 0
        ? ''
        : `\nthe trace has no ${missing.join(', ')}: it is not of all tasks, or not of all kmem events (perf record -a -e 'kmem:*')`;
    return `${untraced}${sum}\n${judgement}${gaps}`;
}
//# sourceMappingURL=report.js.map