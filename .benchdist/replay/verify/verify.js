/** A kernel's own trace against the simulated allocator: what was predicted of it, and how much of that came true. */
import { readKernelRecords, } from '../../traces/index.js';
import { Observer } from './observer.js';
import { PFN_RULES } from './rules.js';
/** Reads the whole trace. Without moments the zones are taken to be those of x86-64. */
export async function verifyKernelTrace(input, moments, { atLeastPercent = 95, first = 3, onBlock } = {}) {
    const observer = new Observer(moments, first);
    const { dialect } = await readKernelRecords(input, (record) => observer.observe(record), onBlock && { onBlock });
    observer.finish();
    const rules = observer.scores.result();
    const missing = missingKinds(observer.lines);
    const failed = failedRules(rules, atLeastPercent);
    return {
        trace: input.name,
        dialect,
        lines: observer.lines,
        moments: observer.read,
        momentsWithoutMarkers: moments
            .map(({ label }) => label)
            .filter((label) => !observer.read.includes(label)),
        rules,
        phases: observer.accounting.phases,
        untracedPages: observer.lists.untracedPages,
        atLeastPercent,
        missing,
        failed,
        disagreements: observer.scores.disagreements,
        agrees: failed.length === 0 && PFN_RULES.some((rule) => (rules[rule]?.made ?? 0) > 0),
    };
}
/** Whoever exits frees pages in batches. */
const EVERYWHERE = ['mm_page_alloc', 'mm_page_free', 'mm_page_free_batched'];
/** So many pages are freed, and none in a batch, on no machine. */
const ENOUGH_EVENTS = 100;
function missingKinds(lines) {
    const most = Math.max(...EVERYWHERE.map((kind) => lines[kind] ?? 0));
    return most < ENOUGH_EVENTS ? [] : EVERYWHERE.filter((kind) => lines[kind] === undefined);
}
function failedRules(rules, atLeastPercent) {
    const names = Object.keys(rules);
    return names.filter((name) => rules[name].right * 100 < rules[name].made * atLeastPercent);
}
//# sourceMappingURL=verify.js.map