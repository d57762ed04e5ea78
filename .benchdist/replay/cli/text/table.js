/** Tables without borders: a head, rows, columns two spaces apart; numbers to the right. */
import Table from 'cli-table3';
const NO_BORDERS = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
};
export function table(columns, rows, { colors }) {
    const layout = new Table({
        head: columns.map(({ head }) => colors.bold(head)),
        colAligns: columns.map(({ align = 'left' }) => align),
        chars: NO_BORDERS,
        style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    });
    layout.push(...rows.map((row) => [...row]));
    return layout
        .toString()
        .split('\n')
        .map((line) => line.trimEnd())
        .join('\n');
}
//# sourceMappingURL=table.js.map