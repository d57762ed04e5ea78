import { formatBytes } from '../../index.js';
/** Of a scene with more events than this, the first and the last are told. */
const MOST_TOLD = 6;
const TLB_STORIES = { l1: 'L1 TLB hit', l2: 'L2 TLB hit', walk: 'page-table walk' };
export function exampleText({ name, title, doc, source }, layout, scenes, paint) {
    const { bold } = paint.colors;
    return [
        `${bold(name)}: ${title}`,
        doc,
        `(${source}; here under ${bold(layout.name)} with ${formatBytes(Number(layout.ramBytes))} of RAM)`,
        ...scenes.map((scene, i) => `\n${sceneText(scene, i + 1, paint)}`),
    ].join('\n');
}
function sceneText({ says, becomes, events }, number, paint) {
    const lines = events.map((played) => eventText(played, becomes, paint));
    const left = lines.length - 2;
    const told = lines.length <= MOST_TOLD ? lines : [lines[0], `   ... ${left} more`, lines.at(-1)];
    return [paint.colors.cyan(`${number}. ${says}`), ...told].join('\n');
}
function eventText({ event, story, outcome, expected }, becomes, { colors }) {
    const { status, tlb } = outcome;
    const isAccess = event.startsWith('access(');
    const how = isAccess && status === 'ok' ? `; ${TLB_STORIES[tlb]}` : '';
    const otherwise = expected ? '' : colors.red(` [otherwise than in the example: ${becomes}]`);
    return `   ${event}\n      ${status === 'ok' ? story : colors.red(`${status}: `) + story}${how}${otherwise}`;
}
//# sourceMappingURL=example.js.map