/** For people: a table with one column a layout, the first failures and why, and what differs and why. */
import Table from 'cli-table3';
import picocolors from 'picocolors';
import { formatCount } from '../units.js';
import { tableOf } from './rows.js';
export function reportText(result, { colors = false } = {}) {
    const paint = picocolors.createColors(colors);
    const parts = [comparison(result, paint), failures(result.layouts, paint)];
    if (result.differences !== undefined)
        parts.push(differences(result.differences, paint));
    if (!result.complete)
        parts.push(paint.yellow(`broken off after ${formatCount(result.events)} events`));
    return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
/** A table without lines: two spaces between columns. */
const NO_LINES = Object.fromEntries(['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) => [
    [side, ''],
    [`${side}-mid`, ''],
    [`${side}-left`, ''],
    [`${side}-right`, ''],
]));
function comparison({ events, layouts }, paint) {
    const table = new Table({
        chars: { ...NO_LINES, middle: '  ' },
        style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
        colAligns: ['left', ...layouts.map(() => 'right')],
    });
    table.push(['', ...layouts.map(({ name }) => paint.bold(name))]);
    table.push([
        `${formatCount(events)} events`,
        ...layouts.map(({ ramBytes }) => `${ramBytes / 2 ** 20} MiB RAM`),
    ]);
    for (const { title, rows } of tableOf(layouts)) {
        table.push([paint.cyan(title), ...layouts.map(() => '')]);
        for (const { label, cell } of rows)
            table.push([`  ${label}`, ...layouts.map(cell)]);
    }
    return withoutTrailingSpace(table.toString());
}
function withoutTrailingSpace(text) {
    return text.replace(/[ \t]+$/gm, '');
}
function failures(layouts, paint) {
    const lines = layouts.flatMap(({ name, firstFailures }) => {
        const roots = firstFailures.filter(({ status }) => !FOLLOW_ON.includes(status));
        return roots.length === 0
            ? []
            : [paint.bold(name), ...roots.map((failure) => failureLine(failure, paint))];
    });
    return lines.length === 0 ? '' : [paint.cyan('first failures'), ...lines].join('\n');
}
/** Statuses that come of an earlier failure. */
const FOLLOW_ON = ['no-object', 'no-process', 'exists'];
function failureLine({ event, request, status, reason, detail }, paint) {
    const figures = detail === '' ? '' : `\n      ${detail}`;
    return `  event ${formatCount(event)}: ${request}: ${paint.red(status)}\n      ${reason}${figures}`;
}
function differences(found, paint) {
    const title = paint.cyan('what differs and why');
    const { total, byCategory, consequences, first } = found;
    if (total === 0)
        return `${title}\n  nothing: every event came out the same`;
    const categories = [
        [byCategory.status, 'in status'],
        [byCategory.addressType, 'in type of address'],
        [byCategory.fault, 'in page fault'],
    ];
    const split = categories.filter(([n]) => n > 0).map(([n, what]) => `${formatCount(n)} ${what}`);
    const followers = consequences === 0 ? '' : `; ${formatCount(consequences)} more as a consequence`;
    return [
        title,
        `  ${formatCount(total)} events: ${split.join(', ')}${followers}`,
        ...first.map((difference) => differenceLine(difference, paint)),
    ].join('\n');
}
function differenceLine({ event, request, count, stories }, paint) {
    const times = count === 1 ? '' : ` (and ${formatCount(count - 1)} more like it)`;
    const lanes = Object.entries(stories).map(([name, story]) => `\n      ${paint.bold(name)}: ${story}`);
    return `  event ${formatCount(event)}: ${request}${times}${lanes.join('')}`;
}
//# sourceMappingURL=text.js.map